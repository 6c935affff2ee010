import * as tf from '@tensorflow/tfjs-core';
import { resizeBicubic, resizeBilinear } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { softmaxSeed } from '../saliency/mutants.js';
import { orOne } from '../steps/display.js';
import { gradCamFrom } from './grad-cam.js';

const mean = (g: tf.Tensor4D): tf.Tensor2D => tf.mean(g, [1, 2]);
/** A map of each image, from 0 to 1. */
const minMax = (map: tf.Tensor4D): tf.Tensor4D => {
  const least = tf.min(map, [1, 2, 3], true);
  return tf.div(tf.sub(map, least), orOne(tf.sub(tf.max(map, [1, 2, 3], true), least)));
};
/** Divided by the maximum of each image: of a resized map, whether it was divided by one before or not. */
export const byMaximum = (map: tf.Tensor4D): tf.Tensor4D => tf.div(map, orOne(tf.max(map, [1, 2, 3], true)));

export const gradCamMutants: readonly Mutant[] = [
  replacing(
    'cam-softmax-target',
    'gradient of the softmax probability instead of the logit',
    gradCamFrom({ seed: softmaxSeed }),
  ),
  replacing(
    'cam-first-call',
    'the maps of the first call of a layer that is called several times, instead of the last',
    gradCamFrom({ call: 'first' }),
  ),
  replacing(
    'cam-activations-overwritten',
    'the maps are read after a later in-place ReLU has changed them',
    gradCamFrom({ keep: (A) => tf.relu(A) }),
  ),
  replacing('cam-weights-absolute', 'weights without their signs: |α|', gradCamFrom({ pool: (g) => tf.abs(mean(g)) })),
  replacing(
    'cam-gradients-rectified',
    'negative gradients are set to 0 before they are averaged',
    gradCamFrom({ pool: (g) => mean(tf.relu(g)) }),
  ),
  replacing(
    'cam-weights-of-batch',
    'weights are averaged over the batch too',
    gradCamFrom({ pool: (g) => tf.tile(tf.mean(mean(g), 0, true), [g.shape[0], 1]) }),
  ),
  replacing('cam-relu-missing', 'the ReLU on the map is missing', gradCamFrom({ rectify: (map) => map })),
  replacing(
    'cam-mean-axes',
    'mean over channels instead of space',
    gradCamFrom({
      pool: (g) => tf.mean(g, 3),
      combine: (alpha, A) => tf.sum(tf.mul(tf.expandDims<tf.Tensor4D>(alpha, 3), A), 3, true),
    }),
  ),
  replacing(
    'cam-hires',
    'HiResCAM: gradients are not averaged',
    gradCamFrom({ pool: (g) => g as unknown as tf.Tensor2D, combine: (alpha, A) => tf.sum(tf.mul(alpha, A), 3, true) }),
  ),
  replacing(
    'cam-batch-maximum',
    "divided by the batch's maximum instead of each image's",
    gradCamFrom({ normalise: (map) => tf.divNoNan(map, tf.max(map)) }),
  ),
  replacing(
    'align-corners',
    'resized with align_corners=True',
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w], true) }),
  ),
  replacing(
    'legacy-grid',
    "resized on the legacy grid, TF.js's default",
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w]) }),
  ),
  replacing(
    'nearest',
    'resized by nearest neighbour',
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeNearestNeighbor(map, [h, w], false, true) }),
  ),
  replacing('bicubic', 'resized bicubically instead of bilinearly', gradCamFrom({ resize: resizeBicubic })),
  replacing(
    'cam-min-max',
    'the map is scaled from its minimum to its maximum instead of from 0',
    gradCamFrom({ normalise: minMax }),
  ),
  replacing(
    'cam-min-max-for-relu',
    'the map is scaled from its minimum to its maximum, and the ReLU is missing',
    gradCamFrom({ rectify: (map) => map, normalise: minMax }),
  ),
  replacing(
    'cam-normalised-after-resizing',
    'the map is divided by its maximum after it is resized instead of before, as in pytorch-grad-cam',
    gradCamFrom({ resize: (map, size) => byMaximum(resizeBilinear(map, size)) }),
  ),
  replacing(
    'cam-min-max-after-resizing',
    'the map is scaled from its minimum to its maximum after it is resized',
    gradCamFrom({ resize: (map, size) => minMax(resizeBilinear(map, size)) }),
  ),
];
