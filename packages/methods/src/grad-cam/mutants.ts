import * as tf from '@tensorflow/tfjs-core';
import { replacing, type Mutant } from '../core/mutant.js';
import { softmaxSeed } from '../saliency/mutants.js';
import { gradCamFrom } from './grad-cam.js';

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
];
