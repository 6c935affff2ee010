import * as tf from '@tensorflow/tfjs-core';
import { constant, resizeBicubic, resizeBilinear } from '@touchstone/network';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { softmaxSeed } from '../saliency/mutants.js';
import { orOne } from '../steps/display.js';
import { gradCamFrom } from './grad-cam.js';
import {
  addUpChannels,
  averageOverSpace,
  byOwnMaximum,
  copyMaps,
  dividedByMaximum,
  normaliseBeforeResizing,
  ofLogit,
  rectifyMap,
  resizeAsPyTorch,
} from '../mutants/remedies.js';

const mean = (g: tf.Tensor4D): tf.Tensor2D => tf.mean(g, [1, 2]);
/** A map of each image, from 0 to 1. */
export const minMax = (map: tf.Tensor4D): tf.Tensor4D => {
  const least = tf.min(map, [1, 2, 3], true);
  return tf.div(tf.sub(map, least), orOne(tf.sub(tf.max(map, [1, 2, 3], true), least)));
};
/** Divided by the maximum of each image: of a resized map, whether it was divided by one before or not. */
export const byMaximum = (map: tf.Tensor4D): tf.Tensor4D => tf.div(map, orOne(tf.max(map, [1, 2, 3], true)));

const weighted = (alpha: tf.Tensor2D, A: tf.Tensor4D): tf.Tensor4D =>
  tf.mul(tf.reshape(alpha, [A.shape[0], 1, 1, A.shape[3]]), A);

/** Of NHWC; `g.mean([2, 3])` is right for NCHW. */
const wrongPairs = [
  ['cam-mean-of-rows', 'width and channels', [2, 3]],
  ['cam-mean-of-columns', 'height and channels', [1, 3]],
] as const;

/** As with `keepDims`: one weight for each row or column. */
const reshaped = (alpha: tf.Tensor2D, averaged: readonly number[], { shape }: tf.Tensor4D): tf.Tensor4D =>
  tf.reshape(alpha, shape.map((size, axis) => (averaged.includes(axis) ? 1 : size)) as typeof shape);

/** Σ relu(g)·g²/(2g² + ΣA·g³): Chattopadhay et al. 2018, equation 19, with the logit for its exponential. */
const plusPlus = (g: tf.Tensor, A: tf.Tensor4D): tf.Tensor4D => {
  const square = tf.square(g);
  const divisor = tf.add(tf.add(square, square), tf.mul(tf.sum(A, [1, 2], true), tf.mul(square, g)));
  const alpha = tf.sum(tf.mul(tf.divNoNan(square, divisor), tf.relu(g)), [1, 2], true);
  return tf.sum(tf.mul(alpha, A), 3, true);
};

export const gradCamMutants: readonly Mutant[] = [
  replacing(
    'cam-softmax-target',
    'gradient of the softmax probability instead of the logit',
    ofLogit,
    gradCamFrom({ seed: softmaxSeed }),
  ),
  replacing(
    'cam-first-call',
    'the maps of the first call of a layer that is called several times, instead of the last',
    remedy('Take what the last call of the layer returns', 'maps.at(-1)', 'maps[-1]'),
    gradCamFrom({ call: 'first' }),
  ),
  replacing(
    'cam-activations-overwritten',
    'the maps are read after a later in-place ReLU has changed them',
    copyMaps,
    gradCamFrom({ keep: (A) => tf.relu(A) }),
  ),
  replacing(
    'cam-weights-absolute',
    'weights without their signs: |α|',
    remedy('Keep the signs of the weights', 'g.mean([1, 2]), where g is NHWC', 'g.mean((2, 3)), where g is NCHW'),
    gradCamFrom({ pool: (g) => tf.abs(mean(g)) }),
  ),
  replacing(
    'cam-gradients-rectified',
    'negative gradients are set to 0 before they are averaged',
    remedy('Average the gradients as they are', 'g.mean([1, 2]), where g is NHWC', 'g.mean((2, 3)), where g is NCHW'),
    gradCamFrom({ pool: (g) => mean(tf.relu(g)) }),
  ),
  replacing(
    'cam-weights-of-batch',
    'weights are averaged over the batch too',
    remedy(
      'Average over space, not over the batch',
      'g.mean([1, 2]), where g is NHWC',
      'g.mean((2, 3)), where g is NCHW',
    ),
    gradCamFrom({ pool: (g) => tf.tile(tf.mean(mean(g), 0, true), [g.shape[0], 1]) }),
  ),
  replacing('cam-relu-missing', 'the ReLU on the map is missing', rectifyMap, gradCamFrom({ rectify: (map) => map })),
  replacing(
    'cam-mean-axes',
    'mean over channels instead of space',
    averageOverSpace,
    gradCamFrom({
      pool: (g) => tf.mean(g, 3),
      combine: (alpha, A) => tf.sum(tf.mul(tf.expandDims<tf.Tensor4D>(alpha, 3), A), 3, true),
    }),
  ),
  ...wrongPairs.map(([id, axes, kept]) =>
    replacing(
      id,
      `mean over ${axes} instead of height and width: the axes of another layout`,
      averageOverSpace,
      gradCamFrom({
        pool: (g) => tf.mean(g, [...kept]),
        combine: (alpha, A) => tf.sum(tf.mul(reshaped(alpha, kept, A), A), 3, true),
      }),
    ),
  ),
  replacing(
    'cam-hires',
    'HiResCAM: gradients are not averaged',
    remedy(
      'Average the gradients over space before they are multiplied',
      'g.mean([1, 2], true).mul(A).sum(3, true)',
      '(g.mean((2, 3), keepdim=True) * A).sum(1, keepdim=True)',
    ),
    gradCamFrom({ pool: (g) => g as unknown as tf.Tensor2D, combine: (alpha, A) => tf.sum(tf.mul(alpha, A), 3, true) }),
  ),
  replacing(
    'cam-batch-maximum',
    "divided by the batch's maximum instead of each image's",
    byOwnMaximum,
    gradCamFrom({ normalise: (map) => tf.divNoNan(map, tf.max(map)) }),
  ),
  replacing(
    'align-corners',
    'resized with align_corners=True',
    resizeAsPyTorch,
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w], true) }),
  ),
  replacing(
    'legacy-grid',
    "resized on the legacy grid, TF.js's default",
    resizeAsPyTorch,
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeBilinear(map, [h, w]) }),
  ),
  replacing(
    'nearest',
    'resized by nearest neighbour',
    resizeAsPyTorch,
    gradCamFrom({ resize: (map, [h, w]) => tf.image.resizeNearestNeighbor(map, [h, w], false, true) }),
  ),
  replacing(
    'bicubic',
    'resized bicubically instead of bilinearly',
    resizeAsPyTorch,
    gradCamFrom({ resize: resizeBicubic }),
  ),
  replacing(
    'cam-min-max',
    'the map is scaled from its minimum to its maximum instead of from 0',
    remedy('Divide by the maximum alone', dividedByMaximum.javascript, dividedByMaximum.python),
    gradCamFrom({ normalise: minMax }),
  ),
  replacing(
    'cam-min-max-for-relu',
    'the map is scaled from its minimum to its maximum, and the ReLU is missing',
    remedy(
      'Apply a ReLU and divide by the maximum alone',
      `map = map.relu(), then ${dividedByMaximum.javascript}`,
      `map = F.relu(map), then ${dividedByMaximum.python}`,
    ),
    gradCamFrom({ rectify: (map) => map, normalise: minMax }),
  ),
  replacing(
    'cam-normalised-after-resizing',
    'the map is divided by its maximum after it is resized instead of before, as in pytorch-grad-cam',
    normaliseBeforeResizing,
    gradCamFrom({ resize: (map, size) => byMaximum(resizeBilinear(map, size)) }),
  ),
  replacing(
    'cam-min-max-after-resizing',
    'the map is scaled from its minimum to its maximum after it is resized',
    normaliseBeforeResizing,
    gradCamFrom({ resize: (map, size) => minMax(resizeBilinear(map, size)) }),
  ),
  replacing(
    'cam-gradient-sum',
    'gradients are added up over space instead of averaged',
    averageOverSpace,
    gradCamFrom({ pool: (g) => tf.sum(g, [1, 2]) }),
  ),
  replacing(
    'cam-gradient-maximum',
    'the largest gradient of each channel instead of their average',
    averageOverSpace,
    gradCamFrom({ pool: (g) => tf.max(g, [1, 2]) }),
  ),
  replacing(
    'cam-gradients-absolute',
    'magnitudes of gradients are averaged',
    averageOverSpace,
    gradCamFrom({ pool: (g) => mean(tf.abs(g)) }),
  ),
  replacing(
    'cam-weights-normalised',
    "gradients are divided by their root mean square, as in Keras' early examples",
    averageOverSpace,
    gradCamFrom({ pool: (g) => mean(tf.div(g, tf.add(tf.sqrt(tf.mean(tf.square(g))), constant([1e-5], [])))) }),
  ),
  replacing(
    'cam-map-mean',
    'mean over channels instead of the sum',
    addUpChannels,
    gradCamFrom({ combine: (alpha, A) => tf.mean(weighted(alpha, A), 3, true) }),
  ),
  replacing(
    'cam-map-from-ones',
    'the map starts at 1 instead of 0, as in np.ones',
    remedy('Start the map at 0', 'tf.zeros([n, h, w, 1])', 'torch.zeros((n, 1, h, w))'),
    gradCamFrom({ combine: (alpha, A) => tf.add(tf.sum(weighted(alpha, A), 3, true), constant([1], [])) }),
  ),
  replacing(
    'cam-zero-by-zero',
    'a map without positive values is divided by its maximum, 0',
    remedy('Leave such a map at zeros', dividedByMaximum.javascript, dividedByMaximum.python),
    gradCamFrom({ normalise: (map) => tf.div(map, tf.max(map, [1, 2, 3], true)) }),
  ),
  replacing(
    'cam-plus-plus',
    'Grad-CAM++: positive gradients weighted by their squares',
    averageOverSpace,
    gradCamFrom({ pool: (g) => g as unknown as tf.Tensor2D, combine: plusPlus }),
  ),
  replacing(
    'cam-x-grad',
    "XGrad-CAM: gradients are weighted by the channel's activations",
    averageOverSpace,
    gradCamFrom({
      pool: (g) => g as unknown as tf.Tensor2D,
      combine: (g, A) =>
        tf.sum(tf.mul(tf.divNoNan(tf.sum(tf.mul(g, A), [1, 2], true), tf.sum(A, [1, 2], true)), A), 3, true),
    }),
  ),
  replacing(
    'cam-layer-cam',
    'LayerCAM: positive gradients are not averaged',
    averageOverSpace,
    gradCamFrom({
      pool: (g) => g as unknown as tf.Tensor2D,
      combine: (g, A) => tf.sum(tf.mul(tf.relu(g), A), 3, true),
    }),
  ),
  replacing(
    'cam-size-exchanged',
    'resized to width × height instead of height × width',
    remedy(
      'Name the height first',
      'tf.image.resizeBilinear(map, [h, w], false, true)',
      'F.interpolate(map, (h, w)); cv2.resize takes (w, h)',
    ),
    gradCamFrom({ resize: (map, [h, w]) => resizeBilinear(map, [w, h]) }),
  ),
  replacing(
    'cam-unscaled',
    'the map is not divided by its maximum',
    byOwnMaximum,
    gradCamFrom({ normalise: (map) => map }),
  ),
];
