import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { orOne } from '../steps/display.js';
import { replacing, type Mutant } from '../core/mutant.js';
import { deconvFrom } from './deconv.js';

export const deconvMutants: readonly Mutant[] = [
  replacing(
    'display-by-magnitude',
    'the image is scaled by max|g| instead of max g',
    deconvFrom({ display: (g) => tf.add(tf.div(g, orOne(tf.max(tf.abs(g), [1, 2, 3], true))), constant([0.5], [])) }),
  ),
];
