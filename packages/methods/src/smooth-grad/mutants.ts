import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { displayOfBatch } from '../saliency/mutants.js';
import { smoothGradFrom, steps } from './smooth-grad.js';

/** max − min over some axes of x [N,H,W,C], which are kept. */
const range = (x: tf.Tensor4D, axes: number[]): tf.Tensor => tf.sub(tf.max(x, axes, true), tf.min(x, axes, true));

export const smoothGradMutants: readonly Mutant[] = [
  replacing(
    'sigma-not-scaled',
    'σ is not multiplied by max x − min x',
    smoothGradFrom({
      sigma: (x, fraction) =>
        constant(
          Array.from({ length: x.shape[0] }, () => fraction),
          [x.shape[0]],
        ) as tf.Tensor1D,
    }),
  ),
  replacing(
    'sigma-of-batch',
    'max x − min x of the batch instead of the image',
    smoothGradFrom({
      sigma: (x, fraction) =>
        tf.mul(
          constant(
            Array.from({ length: x.shape[0] }, () => fraction),
            [x.shape[0]],
          ),
          tf.sub(tf.max(x), tf.min(x)),
        ),
    }),
  ),
  replacing(
    'abs-inside-mean',
    'mean of |g| instead of |mean of g|',
    smoothGradFrom({ measure: { ...steps.measure, 'mean-then-abs': tf.abs } }),
  ),
  {
    ...replacing(
      'sample-variance',
      'the variance divides by n − 1',
      smoothGradFrom({
        finish: (mean, { average, samples }) =>
          average === 'variance' ? tf.mul(mean, constant([samples / (samples - 1)], [])) : mean,
      }),
    ),
    shows: { params: { average: 'variance' } },
  },
  {
    ...replacing(
      'root-of-mean-squares',
      'the square root of the mean of squares',
      smoothGradFrom({ finish: (mean, { average }) => (average === 'mean-of-squares' ? tf.sqrt(mean) : mean) }),
    ),
    shows: { params: { average: 'mean-of-squares' } },
  },
  replacing(
    'smooth-display-of-batch',
    "the image is scaled by the batch's largest average instead of its own",
    smoothGradFrom({ display: displayOfBatch }),
  ),
  replacing(
    'smooth-noise-repeated',
    'every sample has the noise of the first one',
    smoothGradFrom({ noise: (noise) => () => noise(0) }),
  ),
  replacing(
    'smooth-noise-of-batch',
    'every image of a batch has the noise of the first one',
    smoothGradFrom({
      noise: (noise) => (sample) => {
        const all = noise(sample);
        return tf.tile(tf.slice(all, 0, 1), [all.shape[0], 1, 1, 1]);
      },
    }),
  ),
  replacing(
    'smooth-last-clean',
    'the last sample has no noise, as in zennit',
    smoothGradFrom({
      noise: (noise, samples) => (sample) => (sample === samples - 1 ? tf.zerosLike(noise(sample)) : noise(sample)),
    }),
  ),
  replacing(
    'smooth-noise-clipped',
    "noisy images are clipped to the image's own range",
    smoothGradFrom({
      noisy: (x, noise) =>
        tf.minimum(tf.maximum(tf.add(x, noise), tf.min(x, [1, 2, 3], true)), tf.max(x, [1, 2, 3], true)),
    }),
  ),
  replacing(
    'smooth-range-of-channels',
    'each channel has noise by its own max x − min x instead of that of the image',
    smoothGradFrom({
      noisy: (x, noise) => tf.add(x, tf.mul(noise, tf.divNoNan(range(x, [1, 2]), range(x, [1, 2, 3])))),
    }),
  ),
  replacing(
    'smooth-mean-of-batch',
    'gradients are averaged over the batch too',
    smoothGradFrom({ finish: (mean) => tf.tile(tf.mean(mean, 0, true), [mean.shape[0], 1, 1, 1]) }),
  ),
];
