import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { foolingImageFrom } from './fooling-image.js';

const rms = (g: tf.Tensor4D): tf.Tensor4D => tf.div(g, tf.sqrt(tf.mean(tf.square(g), [1, 2, 3], true)));
const ofTheBatch = (g: tf.Tensor4D): tf.Tensor4D => tf.div(g, tf.norm(g));

export const foolingImageMutants: readonly Mutant[] = [
  replacing(
    'gradient-over-rms',
    'the gradient is divided by its root mean square instead of its Euclidean norm',
    foolingImageFrom({ normalise: rms }),
  ),
  replacing(
    'gradient-norm-of-batch',
    'one norm for the whole batch instead of one per image',
    foolingImageFrom({ normalise: ofTheBatch }),
  ),
  replacing(
    'step-too-many',
    'an image that is classified as wanted takes another step',
    foolingImageFrom({ moving: (_left, before) => before }),
  ),
  replacing('descends', "the step goes down the target's logit", foolingImageFrom({ direction: -1 })),
  replacing(
    'difference-once',
    'the difference is shown once instead of ten times',
    foolingImageFrom({
      magnify: (difference, scale) => tf.clipByValue(tf.add(tf.mul(difference, scale), constant([0.5], [])), 0, 1),
    }),
  ),
];
