import * as tf from '@tensorflow/tfjs-core';
import { deconvRelu, guidedRelu, plainRelu, reluOf, type RemovableHandle } from '@touchstone/network';
import { displayBy, displayFormulas, displayGuided, type Display } from '../steps/display.js';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { explain } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { guidedBackpropFrom } from './guided-backprop.js';
import { guidedRule } from '../mutants/remedies.js';

const { guided } = displayFormulas;
const plainly = guidedBackpropFrom({ rules: {} }) as Method;

/** A standard deviation that divides by n − 1 is √(n/(n − 1)) times the right one. */
const bySampleDeviation: Display = (g) => {
  const n = g.size / g.shape[0];
  return displayBy({ ...guided, factor: guided.factor * Math.sqrt((n - 1) / n) })(g);
};

/** Captum: where a skip connection starts at the ReLU's input, the gradient of the skip is clamped too. */
const clampedAtInputs: Mutant = {
  id: 'guided-clamped-at-inputs',
  fault: "the whole gradient at a ReLU's input is clamped, also what comes over a skip connection, as in Captum",
  remedy: guidedRule,
  of: ['guided-backprop'],
  explain: async (_method, explanation) => {
    const handles: RemovableHandle[] = [];
    try {
      for (const [, module] of explanation.network.namedModules())
        if (module.type === 'ReLU' || module.type === 'ReLU6')
          handles.push(
            module.registerForwardPreHook((_module, [x]) => void (x!.requiresGrad && x!.registerHook(reluOf))),
          );
      return (await explain(plainly, explanation)).stages;
    } finally {
      for (const handle of handles) handle.remove();
    }
  },
};

export const guidedBackpropMutants: readonly Mutant[] = [
  replacing(
    'deconv-for-guided',
    "deconvolution's ReLU rule instead of guided backpropagation's",
    guidedRule,
    guidedBackpropFrom({ rules: { relu: deconvRelu } }),
  ),
  replacing(
    'guided-not-replaced',
    'the ReLU rule is not replaced: the answer is the plain gradient',
    guidedRule,
    guidedBackpropFrom({ rules: {} }),
  ),
  replacing(
    'display-unclipped',
    'the numbers of the image are not clipped to [0,1]',
    remedy('Clip to [0,1]', 'shown.clipByValue(0, 1)', 'shown.clamp(0, 1)'),
    guidedBackpropFrom({ display: displayBy({ ...guided, clipped: false }) }),
  ),
  replacing(
    'display-sample-std',
    'the standard deviation divides by n − 1',
    remedy('Divide by n', 'tf.moments(g, [1, 2, 3]).variance.sqrt()', 'g.std((1, 2, 3), correction=0)'),
    guidedBackpropFrom({ display: bySampleDeviation }),
  ),
  replacing(
    'display-std-of-batch',
    'mean and standard deviation of the batch instead of the image',
    remedy(
      'Take mean and standard deviation of each image',
      'tf.moments(g, [1, 2, 3], true)',
      'g.std((1, 2, 3), correction=0, keepdim=True)',
    ),
    guidedBackpropFrom({
      display: (g) => tf.reshape(displayGuided(tf.reshape(g, [1, -1, g.shape[2], g.shape[3]])), g.shape),
    }),
  ),
  replacing(
    'guided-features-only',
    'only the ReLUs of feature maps are replaced, those between Linears are not',
    guidedRule,
    guidedBackpropFrom({ rules: { relu: (R, mask) => (R.rank === 4 ? guidedRelu : plainRelu)(R, mask) } }),
  ),
  clampedAtInputs,
];
