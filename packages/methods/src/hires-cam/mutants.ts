import * as tf from '@tensorflow/tfjs-core';
import { resizeBicubic, resizeBilinear } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { byMaximum } from '../grad-cam/mutants.js';
import { softmaxSeed } from '../saliency/mutants.js';
import { orOne } from '../steps/display.js';
import { hiresCamFrom } from './hires-cam.js';

export const hiresCamMutants: readonly Mutant[] = [
  replacing(
    'hires-averaged',
    'Grad-CAM: gradients are averaged over space first',
    hiresCamFrom({ combine: (g, A) => tf.sum(tf.mul(tf.mean(g, [1, 2], true), A), 3, true) }),
  ),
  replacing(
    'hires-channel-mean',
    'mean over channels instead of the sum',
    hiresCamFrom({ combine: (g, A) => tf.mean(tf.mul(g, A), 3, true) }),
  ),
  replacing(
    'hires-softmax-target',
    'gradient of the softmax probability instead of the logit',
    hiresCamFrom({ seed: softmaxSeed }),
  ),
  replacing('hires-relu-missing', 'the ReLU on the map is missing', hiresCamFrom({ rectify: (map) => map })),
  replacing(
    'hires-batch-maximum',
    "divided by the batch's maximum instead of each image's",
    hiresCamFrom({ normalise: (map) => tf.div(map, orOne(tf.max(tf.abs(map)))) }),
  ),
  {
    ...replacing(
      'hires-signed-maximum',
      'a signed map is divided by its maximum instead of its largest magnitude',
      hiresCamFrom({ normalise: (map) => tf.div(map, orOne(tf.max(map, [1, 2, 3], true))) }),
    ),
    shows: { params: { relu: false } },
  },
  replacing(
    'hires-align-corners',
    'resized with align_corners=True',
    hiresCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w], true) }),
  ),
  replacing('hires-bicubic', 'resized bicubically instead of bilinearly', hiresCamFrom({ resize: resizeBicubic })),
  replacing(
    'hires-gradients-rectified',
    'negative gradients are set to 0 before they are multiplied',
    hiresCamFrom({ combine: (g, A) => tf.sum(tf.mul(tf.relu(g), A), 3, true) }),
  ),
  replacing(
    'hires-normalised-after-resizing',
    'the map is divided by its maximum after it is resized instead of before, as in pytorch-grad-cam',
    hiresCamFrom({ resize: (map, size) => byMaximum(resizeBilinear(map, size)) }),
  ),
];
