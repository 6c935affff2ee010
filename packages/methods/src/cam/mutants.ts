import * as tf from '@tensorflow/tfjs-core';
import { replacing, type Mutant } from '../core/mutant.js';
import { camFrom, type CamSteps } from './cam.js';

const weighted = (weights: tf.Tensor2D, A: tf.Tensor4D): tf.Tensor4D =>
  tf.mul(tf.reshape(weights, [A.shape[0], 1, 1, A.shape[3]]), A);

/** The effect on the rows of the Linear when flattening is not permuted between NHWC and NCHW. */
const nextChannel: CamSteps['weigh'] = (target, rows) => {
  const [first, rest] = tf.split(tf.matMul(target, rows), [1, rows.shape[1] - 1], 1) as [tf.Tensor2D, tf.Tensor2D];
  return tf.concat([rest, first], 1);
};

export const camMutants: readonly Mutant[] = [
  replacing(
    'cam-channel-mean',
    'mean over channels instead of the sum',
    camFrom({ combine: (weights, A) => tf.mean(weighted(weights, A), 3, true) }),
  ),
  replacing(
    'cam-rectified',
    "Grad-CAM's ReLU on the map, which CAM does not have",
    camFrom({ combine: (weights, A) => tf.relu(tf.sum(weighted(weights, A), 3, true)) }),
  ),
  replacing('cam-weights-shifted', "each channel has its neighbour's weight", camFrom({ weigh: nextChannel })),
];
