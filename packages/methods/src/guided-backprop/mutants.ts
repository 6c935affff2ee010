import * as tf from '@tensorflow/tfjs-core';
import { deconvRelu, guidedRelu, plainRelu, reluOf, type RemovableHandle, type Variable } from '@touchstone/network';
import { displayBy, displayFormulas, displayGuided, type Display } from '../steps/display.js';
import { remedy, replacing, type Mutant, type Remedy } from '../core/mutant.js';
import { explain, type Explanation } from '../core/explain.js';
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

type Module = ReturnType<Explanation['network']['module']>;

/** Guided backpropagation by hooks on modules: `hook` is registered on every ReLU that is one. */
function hooking(id: string, fault: string, remedy: Remedy, hook: (relu: Module) => RemovableHandle): Mutant {
  return {
    id,
    fault,
    remedy,
    of: ['guided-backprop'],
    explain: async (_method, explanation) => {
      const relus = explanation.network.namedModules().filter(([, { type }]) => type === 'ReLU' || type === 'ReLU6');
      const handles = relus.map(([, relu]) => hook(relu));
      try {
        return (await explain(plainly, explanation)).stages;
      } finally {
        for (const handle of handles) handle.remove();
      }
    },
  };
}

const clamp = (value: Variable | undefined): void => void (value?.requiresGrad && value.registerHook(reluOf));

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
  // Where a skip connection starts at the ReLU's input, the gradient of the skip is clamped too.
  hooking(
    'guided-clamped-at-inputs',
    "the whole gradient at a ReLU's input is clamped, also what comes over a skip connection, as in Captum",
    guidedRule,
    (relu) => relu.registerForwardPreHook((_module, [x]) => clamp(x)),
  ),
  hooking(
    'guided-functional-missed',
    'ReLUs that are functions, such as F.relu, are not replaced',
    guidedRule,
    (relu) => relu.registerForwardHook((_module, _inputs, output) => clamp(output)),
  ),
];
