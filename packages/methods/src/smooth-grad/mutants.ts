import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { displayOfBatch } from '../saliency/mutants.js';
import { smoothGradFrom, steps } from './smooth-grad.js';

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
];
