import * as tf from '@tensorflow/tfjs-core';
import { sameShape } from '@touchstone/contract';
import { deconvRelu, guidedRelu, plainRelu, reluOf, type Variable } from '@touchstone/network';
import { displayBy, displayFormulas, displayGuided, type Display } from '../steps/display.js';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { explain } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { guidedBackpropFrom } from './guided-backprop.js';
import { hooking } from '../mutants/hooking.js';
import { guidedRule } from '../mutants/remedies.js';

const { guided } = displayFormulas;
const plainly = guidedBackpropFrom({ rules: {} }) as Method;

/** A standard deviation that divides by n − 1 is √(n/(n − 1)) times the right one. */
const bySampleDeviation: Display = (g) => {
  const n = g.size / g.shape[0];
  return displayBy({ ...guided, factor: guided.factor * Math.sqrt((n - 1) / n) })(g);
};

const clamp = (value: Variable | undefined): void => void (value?.requiresGrad && value.registerHook(reluOf));

/**
 * Hooks that keep each ReLU's mask in a list in the forward pass, and take the first instead of the last one in the
 * backward pass, or that meet branches in the order of the forward pass. A mask of another shape does not fit.
 */
const firstInFirstOut: Mutant = {
  id: 'guided-masks-in-forward-order',
  fault: "masks are taken in the order of the forward pass, so that ReLUs of one shape have each other's",
  remedy: remedy(
    "Keep each ReLU's mask with the ReLU, not in a list",
    'tf.customGrad, whose save() keeps it',
    'ctx.save_for_backward(x)',
  ),
  of: ['guided-backprop'],
  explain: async (method, { pool: _none, ...explanation }) => {
    const { network } = explanation;
    const kept: tf.Tensor[] = []; // in the order of the backward pass
    const keep = (mask: tf.Tensor): tf.Tensor => kept[kept.push(tf.keep(mask.clone())) - 1]!;
    try {
      await network.withRules({ atRelu: keep }, () => explain(method, explanation));
      const masks = [...kept];
      const firstLeft = ({ shape }: tf.Tensor): tf.Tensor =>
        masks.splice(
          masks.findLastIndex((mask) => sameShape(mask.shape, shape)),
          1,
        )[0]!;
      return (await network.withRules({ atRelu: firstLeft }, () => explain(method, explanation))).stages;
    } finally {
      tf.dispose(kept);
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
    remedy(
      'Divide by n',
      'tf.moments(g, [1, 2, 3], true).variance.sqrt()',
      'g.std((1, 2, 3), correction=0, keepdim=True)',
    ),
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
    plainly,
    (relu) => [relu.registerForwardPreHook((_module, [x]) => clamp(x))],
  ),
  hooking(
    'guided-functional-missed',
    'ReLUs that are functions, such as F.relu, are not replaced',
    guidedRule,
    plainly,
    (relu) => [relu.registerForwardHook((_module, _inputs, output) => clamp(output))],
  ),
  firstInFirstOut,
];
