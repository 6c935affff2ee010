import * as tf from '@tensorflow/tfjs-core';
import { constant, deconvRelu } from '@touchstone/network';
import { displayGuided, standardised, type Display } from '../steps/display.js';
import { replacing, type Mutant } from '../core/mutant.js';
import { guidedBackpropFrom } from './guided-backprop.js';

/** 0.5 + 0.1·(g − mean)/std·factor, as it comes. */
const unclipped =
  (factor: (values: number) => number): Display =>
  (g) =>
    tf.add(tf.mul(standardised(g), constant([0.1 * factor(g.size / g.shape[0])], [])), constant([0.5], []));

export const guidedBackpropMutants: readonly Mutant[] = [
  replacing(
    'deconv-for-guided',
    "deconvolution's ReLU rule instead of guided backpropagation's",
    guidedBackpropFrom({ rules: { relu: deconvRelu } }),
  ),
  replacing(
    'guided-not-replaced',
    'the ReLU rule is not replaced: the answer is the plain gradient',
    guidedBackpropFrom({ rules: {} }),
  ),
  replacing(
    'display-unclipped',
    'the numbers of the image are not clipped to [0,1]',
    guidedBackpropFrom({ display: unclipped(() => 1) }),
  ),
  replacing(
    'display-sample-std',
    'the standard deviation divides by n − 1',
    guidedBackpropFrom({ display: (g) => tf.clipByValue(unclipped((n) => Math.sqrt((n - 1) / n))(g), 0, 1) }),
  ),
  replacing(
    'display-std-of-batch',
    'mean and standard deviation of the batch instead of the image',
    guidedBackpropFrom({
      display: (g) => tf.reshape(displayGuided(tf.reshape(g, [1, -1, g.shape[2], g.shape[3]])), g.shape),
    }),
  ),
];
