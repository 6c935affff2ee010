import * as tf from '@tensorflow/tfjs-core';
import { resizeBicubic, resizeBilinear } from '@touchstone/network';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { byMaximum, minMax } from '../grad-cam/mutants.js';
import { softmaxSeed } from '../saliency/mutants.js';
import { orOne } from '../steps/display.js';
import { hiresCamFrom } from './hires-cam.js';
import {
  addUpChannels,
  byOwnLargestMagnitude,
  magnitudeBeforeResizing,
  multiplyGradients,
  ofLogit,
  rectifyMap,
  resizeAsPyTorch,
} from '../mutants/remedies.js';

export const hiresCamMutants: readonly Mutant[] = [
  replacing(
    'hires-averaged',
    'Grad-CAM: gradients are averaged over space first',
    remedy('Multiply the gradients pixel by pixel', 'g.mul(A).sum(3, true)', '(g * A).sum(1, keepdim=True)'),
    hiresCamFrom({ combine: (g, A) => tf.sum(tf.mul(tf.mean(g, [1, 2], true), A), 3, true) }),
  ),
  replacing(
    'hires-channel-mean',
    'mean over channels instead of the sum',
    addUpChannels,
    hiresCamFrom({ combine: (g, A) => tf.mean(tf.mul(g, A), 3, true) }),
  ),
  replacing(
    'hires-softmax-target',
    'gradient of the softmax probability instead of the logit',
    ofLogit,
    hiresCamFrom({ seed: softmaxSeed }),
  ),
  replacing(
    'hires-relu-missing',
    'the ReLU on the map is missing',
    rectifyMap,
    hiresCamFrom({ rectify: (map) => map }),
  ),
  replacing(
    'hires-batch-maximum',
    "divided by the batch's maximum instead of each image's",
    byOwnLargestMagnitude,
    hiresCamFrom({ normalise: (map) => tf.div(map, orOne(tf.max(tf.abs(map)))) }),
  ),
  {
    ...replacing(
      'hires-signed-maximum',
      'a signed map is divided by its maximum instead of its largest magnitude',
      byOwnLargestMagnitude,
      hiresCamFrom({ normalise: (map) => tf.div(map, orOne(tf.max(map, [1, 2, 3], true))) }),
    ),
    shows: { params: { relu: false } },
  },
  replacing(
    'hires-align-corners',
    'resized with align_corners=True',
    resizeAsPyTorch,
    hiresCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w], true) }),
  ),
  replacing(
    'hires-bicubic',
    'resized bicubically instead of bilinearly',
    resizeAsPyTorch,
    hiresCamFrom({ resize: resizeBicubic }),
  ),
  replacing(
    'hires-gradients-rectified',
    'negative gradients are set to 0 before they are multiplied',
    multiplyGradients,
    hiresCamFrom({ combine: (g, A) => tf.sum(tf.mul(tf.relu(g), A), 3, true) }),
  ),
  replacing(
    'hires-normalised-after-resizing',
    'the map is divided by its maximum after it is resized instead of before, as in pytorch-grad-cam',
    magnitudeBeforeResizing,
    hiresCamFrom({ resize: (map, size) => byMaximum(resizeBilinear(map, size)) }),
  ),
  replacing(
    'hires-legacy-grid',
    "resized on the legacy grid, TF.js's default",
    resizeAsPyTorch,
    hiresCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w]) }),
  ),
  replacing(
    'hires-nearest',
    'resized by nearest neighbour',
    resizeAsPyTorch,
    hiresCamFrom({ resize: (map, [h, w]) => tf.image.resizeNearestNeighbor(map, [h, w], false, true) }),
  ),
  replacing(
    'hires-min-max',
    'the map is scaled from its minimum to its maximum instead of from 0',
    byOwnLargestMagnitude,
    hiresCamFrom({ normalise: minMax }),
  ),
  replacing(
    'hires-unscaled',
    'the map is not divided by its maximum',
    byOwnLargestMagnitude,
    hiresCamFrom({ normalise: (map) => map }),
  ),
];
