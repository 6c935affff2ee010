import * as tf from '@tensorflow/tfjs-core';
import { deconvRelu } from '@touchstone/network';
import { displayBy, displayFormulas, displayGuided, type Display } from '../steps/display.js';
import { replacing, type Mutant } from '../core/mutant.js';
import { guidedBackpropFrom } from './guided-backprop.js';

const { guided } = displayFormulas;

/** A standard deviation that divides by n − 1 is √(n/(n − 1)) times the right one. */
const bySampleDeviation: Display = (g) => {
  const n = g.size / g.shape[0];
  return displayBy({ ...guided, factor: guided.factor * Math.sqrt((n - 1) / n) })(g);
};

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
    guidedBackpropFrom({ display: displayBy({ ...guided, clipped: false }) }),
  ),
  replacing(
    'display-sample-std',
    'the standard deviation divides by n − 1',
    guidedBackpropFrom({ display: bySampleDeviation }),
  ),
  replacing(
    'display-std-of-batch',
    'mean and standard deviation of the batch instead of the image',
    guidedBackpropFrom({
      display: (g) => tf.reshape(displayGuided(tf.reshape(g, [1, -1, g.shape[2], g.shape[3]])), g.shape),
    }),
  ),
];
