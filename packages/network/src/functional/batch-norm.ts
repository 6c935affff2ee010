import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { axisOf } from '../layout.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';
import { affineOf, inverseDeviation, type Affine } from '../ops/batch-norm.js';
import { alongChannels, sumToChannels } from './broadcasting.js';

/**
 * Batch normalisation with the stored statistics (eval mode). x [N,C,…] with any dimensions, NHWC if 4-D; all others
 * [C].
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
  const rank = x.shape.length;
  const channels = x.shape[axisOf(1, rank)];
  if (channels !== mean.shape[0])
    throw new TouchstoneError(
      'bad-input',
      `batch normalisation over ${mean.shape[0]} channels received ${channels}`,
      'Check that the input has the shape that the network expects.',
    );
  const input = x.value;
  const { scale, shift } =
    affine ??
    tf.tidy(() => ({ ...affineOf({ mean, variance, weight: weight?.value ?? null, bias: bias?.value ?? null, eps }) }));
  const along = (values: tf.Tensor): tf.Tensor => alongChannels(values, rank);
  const value = tf.tidy(() => tf.add(tf.mul(input, along(scale)), along(shift)));
  const gain = usefulBoundOf(scale);
  bounded(value, usefulBoundOf(input) * gain + usefulBoundOf(shift));
  return Variable.result(
    'batch_norm',
    value,
    [x, weight, bias],
    (R) => [
      x.requiresGrad ? bounded(tf.mul(R, along(scale)), boundOf(R) * gain) : null,
      weight?.requiresGrad
        ? sumToChannels(
            tf.mul(R, tf.mul(tf.sub(input, along(mean)), along(inverseDeviation({ variance, eps })))),
            channels,
          )
        : null,
      bias?.requiresGrad ? sumToChannels(R, channels) : null,
    ],
    [x],
  );
}
