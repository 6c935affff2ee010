import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { foolingImageFrom } from './fooling-image.js';
import { byEuclideanNorm } from '../mutants/remedies.js';

const rms = (g: tf.Tensor4D): tf.Tensor4D => tf.div(g, tf.sqrt(tf.mean(tf.square(g), [1, 2, 3], true)));
const ofTheBatch = (g: tf.Tensor4D): tf.Tensor4D => tf.div(g, tf.norm(g));

export const foolingImageMutants: readonly Mutant[] = [
  replacing(
    'gradient-over-rms',
    'the gradient is divided by its root mean square instead of its Euclidean norm',
    byEuclideanNorm,
    foolingImageFrom({ normalise: rms }),
  ),
  replacing(
    'gradient-norm-of-batch',
    'one norm for the whole batch instead of one per image',
    byEuclideanNorm,
    foolingImageFrom({ normalise: ofTheBatch }),
  ),
  replacing(
    'step-too-many',
    'an image that is classified as wanted takes another step',
    remedy(
      'Leave an image as it is once it is classified as wanted',
      'tf.where(isFooled, x, next)',
      'torch.where(is_fooled, x, next)',
    ),
    foolingImageFrom({ moving: (_left, before) => before }),
  ),
  replacing(
    'descends',
    "the step goes down the target's logit",
    remedy("Step up the target's logit", 'x.add(step)', 'x + step'),
    foolingImageFrom({ direction: -1 }),
  ),
  replacing(
    'difference-once',
    'the difference is shown once instead of ten times',
    remedy(
      'Multiply the difference by ten before 0.5 is added',
      'difference.mul(10).add(0.5)',
      'difference * 10 + 0.5',
    ),
    foolingImageFrom({
      magnify: (difference, scale) => tf.clipByValue(tf.add(tf.mul(difference, scale), constant([0.5], [])), 0, 1),
    }),
  ),
];
