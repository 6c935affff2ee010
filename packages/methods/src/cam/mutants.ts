import * as tf from '@tensorflow/tfjs-core';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { camFrom, type CamSteps } from './cam.js';
import { addUpChannels } from '../mutants/remedies.js';

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
    addUpChannels,
    camFrom({ combine: (weights, A) => tf.mean(weighted(weights, A), 3, true) }),
  ),
  replacing(
    'cam-rectified',
    "Grad-CAM's ReLU on the map, which CAM does not have",
    remedy('Leave the ReLU out'),
    camFrom({ combine: (weights, A) => tf.relu(tf.sum(weighted(weights, A), 3, true)) }),
  ),
  replacing(
    'cam-weights-shifted',
    "each channel has its neighbour's weight",
    remedy(
      'Exchange NHWC and NCHW before flattening',
      'maps.transpose([0, 3, 1, 2]).reshape([n, -1])',
      'maps.permute(0, 3, 1, 2).flatten(1)',
    ),
    camFrom({ weigh: nextChannel }),
  ),
];
