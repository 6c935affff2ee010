import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { explain } from '../core/explain.js';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { displayOfBatch } from '../saliency/mutants.js';
import { smoothGradFrom, steps } from './smooth-grad.js';
import { byOwnMagnitude, freshNoise } from '../mutants/remedies.js';

/** max − min over some axes of x [N,H,W,C], which are kept. */
const range = (x: tf.Tensor4D, axes: number[]): tf.Tensor => tf.sub(tf.max(x, axes, true), tf.min(x, axes, true));

const rangeOfImage = remedy(
  'Multiply σ by max x − min x',
  'x.max([1, 2, 3], true).sub(x.min([1, 2, 3], true)).mul(fraction)',
  'fraction * (x.amax((1, 2, 3), keepdim=True) - x.amin((1, 2, 3), keepdim=True))',
);

/** The gradient of the image is added to that of the sample before, and each of these sums is averaged. */
const gradientsAccumulate: Mutant = {
  id: 'smooth-gradients-accumulate',
  fault: 'the gradient of the image is not cleared between samples, so that each sample has those before it too',
  remedy: remedy('Clear the gradient of the image before each sample', 'tf.grad(f)(noisy)', 'x.grad = None'),
  of: ['smooth-grad'],
  explain: async (method, { pool: _none, ...explanation }) => {
    const sums: tf.Tensor[] = [];
    const added = (gradient: tf.Tensor): tf.Tensor => {
      const before = sums.at(-1);
      return sums[sums.push(tf.keep(before ? tf.add(before, gradient) : gradient.clone())) - 1]!.clone();
    };
    const handle = explanation.network.module('').registerForwardPreHook((_module, [x]) => {
      if (x!.requiresGrad) x!.registerHook(added);
    });
    try {
      const params = { ...(explanation.params as object | undefined), batch: 1 };
      return (await explain(method, { ...explanation, params })).stages;
    } finally {
      handle.remove();
      tf.dispose(sums);
    }
  },
};

export const smoothGradMutants: readonly Mutant[] = [
  replacing(
    'sigma-not-scaled',
    'σ is not multiplied by max x − min x',
    rangeOfImage,
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
    remedy(
      'Take max x − min x of each image',
      'x.max([1, 2, 3], true).sub(x.min([1, 2, 3], true))',
      'x.amax((1, 2, 3), keepdim=True) - x.amin((1, 2, 3), keepdim=True)',
    ),
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
    remedy('Average the gradients before their absolute value is taken', 'mean.abs()', 'gradients.mean(0).abs()'),
    smoothGradFrom({ measure: { ...steps.measure, 'mean-then-abs': tf.abs } }),
  ),
  {
    ...replacing(
      'sample-variance',
      'the variance divides by n − 1',
      remedy('Divide by n', 'tf.moments(gradients, 0).variance', 'gradients.var(0, correction=0)'),
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
      remedy('Leave out the square root', 'gradients.square().mean(0)', 'gradients.square().mean(0)'),
      smoothGradFrom({ finish: (mean, { average }) => (average === 'mean-of-squares' ? tf.sqrt(mean) : mean) }),
    ),
    shows: { params: { average: 'mean-of-squares' } },
  },
  replacing(
    'smooth-display-of-batch',
    "the image is scaled by the batch's largest average instead of its own",
    byOwnMagnitude,
    smoothGradFrom({ display: displayOfBatch }),
  ),
  replacing(
    'smooth-noise-repeated',
    'every sample has the noise of the first one',
    freshNoise,
    smoothGradFrom({ noise: (noise) => () => noise(0) }),
  ),
  replacing(
    'smooth-noise-of-batch',
    'every image of a batch has the noise of the first one',
    freshNoise,
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
    remedy('Add noise to every sample', 'samples × tf.randomNormal(x.shape)', 'samples × torch.randn_like(x)'),
    smoothGradFrom({
      noise: (noise, samples) => (sample) => (sample === samples - 1 ? tf.zerosLike(noise(sample)) : noise(sample)),
    }),
  ),
  replacing(
    'smooth-noise-clipped',
    "noisy images are clipped to the image's own range",
    remedy('Leave noisy images unclipped'),
    smoothGradFrom({
      noisy: (x, noise) =>
        tf.minimum(tf.maximum(tf.add(x, noise), tf.min(x, [1, 2, 3], true)), tf.max(x, [1, 2, 3], true)),
    }),
  ),
  replacing(
    'smooth-range-of-channels',
    'each channel has noise by its own max x − min x instead of that of the image',
    remedy(
      'Take max x − min x over the whole image',
      'x.max([1, 2, 3], true).sub(x.min([1, 2, 3], true))',
      'x.amax((1, 2, 3), keepdim=True) - x.amin((1, 2, 3), keepdim=True)',
    ),
    smoothGradFrom({
      noisy: (x, noise) => tf.add(x, tf.mul(noise, tf.divNoNan(range(x, [1, 2]), range(x, [1, 2, 3])))),
    }),
  ),
  replacing(
    'smooth-mean-of-batch',
    'gradients are averaged over the batch too',
    remedy('Average over the samples alone', 'gradients.mean(0)', 'gradients.mean(0)'),
    smoothGradFrom({ finish: (mean) => tf.tile(tf.mean(mean, 0, true), [mean.shape[0], 1, 1, 1]) }),
  ),
  replacing(
    'sigma-squared',
    'σ² as the standard deviation of the noise',
    remedy('Multiply the noise by σ', 'tf.randomNormal(shape, 0, sigma)', 'torch.randn_like(x) * sigma'),
    smoothGradFrom({ sigma: (x, fraction) => tf.square(steps.sigma(x, fraction)) }),
  ),
  replacing(
    'sigma-divided',
    'σ is divided by max x − min x instead of multiplied',
    rangeOfImage,
    smoothGradFrom({
      sigma: (x, fraction) => tf.divNoNan(constant([fraction], []), tf.squeeze(range(x, [1, 2, 3]), [1, 2, 3])),
    }),
  ),
  replacing(
    'sum-for-mean',
    'the sum over the samples instead of their mean',
    remedy('Divide by the number of samples', 'sum.div(samples)', 'total / samples'),
    smoothGradFrom({ finish: (mean, { samples }) => tf.mul(mean, constant([samples], [])) }),
  ),
  {
    ...replacing(
      'deviation-for-variance',
      'the standard deviation instead of the variance',
      remedy('Leave out the square root', 'tf.moments(gradients, 0).variance', 'gradients.var(0, correction=0)'),
      smoothGradFrom({
        finish: (mean, { average }) => (average === 'variance' ? tf.sqrt(tf.relu(mean)) : mean),
      }),
    ),
    shows: { params: { average: 'variance' } },
  },
  replacing(
    'smooth-noise-accumulates',
    'noise is added to the last noisy image instead of the image',
    remedy('Add noise to the image itself', 'x.add(noise)', 'x + noise'),
    smoothGradFrom({
      noise: (noise) => (sample) =>
        Array.from({ length: sample + 1 }, (_, i) => noise(i)).reduce((sum, more) => tf.add(sum, more)),
    }),
  ),
  gradientsAccumulate,
];
