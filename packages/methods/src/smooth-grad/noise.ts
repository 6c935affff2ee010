import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { constant, fromHost } from '@touchstone/network';
import { normalNumbers } from './normal-numbers.js';

export const maxSamples = 10_000;

/** ε of sample i, [N,H,W,C]. */
export type NoiseSource = (sample: number) => tf.Tensor4D;

/** Stored noise [samples,N,C,H,W], or drawn from the seed, sample by sample on demand. */
export function noiseSource(
  [n, h, w, c]: tf.Tensor4D['shape'],
  { samples, seed }: { samples: number; seed: number },
  stored: HostTensor | undefined,
): NoiseSource {
  const size = n * c * h * w;
  if (!stored) return (sample) => constant(normalNumbers(size, seed, sample), [n, h, w, c]) as tf.Tensor4D;
  if (stored.shape.join() !== [samples, n, c, h, w].join()) {
    throw new TouchstoneError(
      'bad-params',
      `noise has shape [${stored.shape.join(',')}], expected [samples,N,C,H,W] = [${[samples, n, c, h, w].join(',')}]`,
      'Set "samples" to the stored number.',
    );
  }
  return (sample) =>
    fromHost({ shape: [n, c, h, w], data: stored.data.subarray(sample * size, (sample + 1) * size) }) as tf.Tensor4D;
}
