import type * as tf from '@tensorflow/tfjs-core';
import { normalisationOfLevels, TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import { constant } from '@touchstone/network';

/**
 * A pixel of this value (0–255) as an input of the network, [1,1,1,C].
 * @throws `bad-network` where the network has no "preprocess"
 */
export function pixel({ preprocess, name }: NetworkDescription, value: number): tf.Tensor4D {
  if (!preprocess)
    throw new TouchstoneError(
      'bad-network',
      `${name} has no "preprocess", which says how pixels become its input`,
      'Export it with preprocess={"mean": …, "std": …}.',
    );
  const { mean, std } = normalisationOfLevels(preprocess);
  return constant(
    mean.map((m, c) => (value - m) / std[c]!),
    [1, 1, 1, mean.length],
  ) as tf.Tensor4D;
}
