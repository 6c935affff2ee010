import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';
import { affineOf, inverseDeviation, type Affine } from '../ops/batch-norm.js';

/**
 * Batch normalisation with the stored statistics (eval mode). x [N,H,W,C]; all others [C].
 *
 * @param affine scale and shift, if already computed @throws `bad-input` where the channels do not fit
 */
export function batchNorm(
  x: Variable,
  mean: tf.Tensor,
  variance: tf.Tensor,
  weight: Variable | null,
  bias: Variable | null,
  eps: number,
  affine: Affine | null = null,
): Variable {
  if (x.shape.at(-1) !== mean.shape[0])
    throw new TouchstoneError(
      'bad-input',
      `batch normalisation over ${mean.shape[0]} channels received ${x.shape.at(-1)}`,
      'Check that the input has the shape that the network expects.',
    );
  const input = x.value;
  const { scale, shift } =
    affine ??
    tf.tidy(() => ({ ...affineOf({ mean, variance, weight: weight?.value ?? null, bias: bias?.value ?? null, eps }) }));
  const value = tf.tidy(() => tf.add(tf.mul(input, scale), shift));
  const gain = usefulBoundOf(scale);
  bounded(value, usefulBoundOf(input) * gain + usefulBoundOf(shift));
  return Variable.result(
    'batch_norm',
    value,
    [x, weight, bias],
    (R) => [
      x.requiresGrad ? bounded(tf.mul(R, scale), boundOf(R) * gain) : null,
      weight?.requiresGrad
        ? tf.sum(tf.mul(R, tf.mul(tf.sub(input, mean), inverseDeviation({ variance, eps }))), [0, 1, 2])
        : null,
      bias?.requiresGrad ? tf.sum(R, [0, 1, 2]) : null,
    ],
    [x],
  );
}
