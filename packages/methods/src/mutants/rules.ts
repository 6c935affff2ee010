/** Faults of how layers pass gradients back, or of the mode in which they run. */
import * as tf from '@tensorflow/tfjs-core';
import type { LeafAttributes } from '@touchstone/contract';
import {
  constant,
  firstMaximum,
  Variable,
  type GradientRules,
  type Network,
  type RemovableHandle,
} from '@touchstone/network';
import { explain } from '../core/explain.js';
import { remedy, underRules, type Mutant } from '../core/mutant.js';
import type { LeafDescription } from './changed-network.js';
import { withTypes } from './descriptions.js';

/** A container may have the name of a layer. */
const isBatchNorm = ({ description }: Network, path: string): boolean => {
  const module = description.modules[path]!;
  return 'attributes' in module && module.type === 'BatchNorm2d';
};

/** 1{x ≥ 0} for 1{x > 0} */
const openAtZero: GradientRules['atRelu'] = (derivative, input) =>
  tf.where(tf.equal(input, tf.zerosLike(input)), tf.onesLike(derivative), derivative);

/** x·1{x > 0} for 1{x > 0} */
const byValue: GradientRules['atRelu'] = (derivative, input) => tf.mul(derivative, input);

/** 1{x > 0} for ReLU6's 1{0 < x < 6} */
const openAbove: GradientRules['atRelu'] = (_derivative, input) => tf.step(input);

/** The gradient of a window whose maximum is not positive is lost. */
const onlyPositive: GradientRules['maxPool'] = (R, x, y, window) => firstMaximum(tf.mul(R, tf.step(y)), x, y, window);

/**
 * An input for which batch norm in eval mode gives what it gives in training mode for x: x with the mean and the
 * variance of the batch replaced by the stored ones. In training mode these statistics have gradients too.
 */
function trainingInput(network: Network, path: string, x: Variable): Variable {
  const { eps } = (network.description.modules[path] as LeafDescription).attributes as LeafAttributes<'BatchNorm2d'>;
  const deviationOf = (variance: tf.Tensor): tf.Tensor => tf.sqrt(tf.add(variance, constant([eps], [])));
  const mean = (t: tf.Tensor): tf.Tensor => tf.mean(t, [0, 1, 2], true);
  const stored = (name: string): tf.Tensor => network.parameter(`${path}.${name}`).value;
  const centred = tf.sub(x.value, mean(x.value));
  const deviation = deviationOf(mean(tf.square(centred)));
  const [standard, spread] = [tf.div(centred, deviation), deviationOf(stored('running_var'))];
  const value = tf.add(tf.mul(standard, spread), stored('running_mean'));
  return Variable.result('training_mode', value, [x], (R) => [
    tf.mul(tf.div(spread, deviation), tf.sub(tf.sub(R, mean(R)), tf.mul(standard, mean(tf.mul(R, standard))))),
  ]);
}

const trainingMode: Mutant = {
  id: 'batch-norm-training',
  fault: 'batch norm is in training mode: it uses the mean and the variance of the batch',
  remedy: remedy('Run the network in evaluation mode', 'model.apply(x, { training: false })', 'model.eval()'),
  of: ['saliency', 'guided-backprop', 'grad-cam', 'cam', 'activations'],
  applies: ({ network }) => network.namedModules().some(([path]) => isBatchNorm(network, path)),
  explain: async (method, explanation) => {
    const { network } = explanation;
    const handles: RemovableHandle[] = [];
    try {
      for (const [path, module] of network.namedModules())
        if (isBatchNorm(network, path))
          handles.push(module.registerForwardPreHook((_module, [x]) => trainingInput(network, path, x!)));
      return (await explain(method, explanation)).stages;
    } finally {
      for (const handle of handles) handle.remove();
    }
  },
};

export const ruleMutants: readonly Mutant[] = [
  underRules(
    'relu-open-at-zero',
    "a ReLU's mask is x >= 0 instead of x > 0",
    remedy('Pass no gradient where the input is 0', 'dy.mul(x.step())', 'grad * (x > 0)'),
    ['saliency', 'smooth-grad', 'guided-backprop', 'grad-cam'],
    { atRelu: openAtZero },
  ),
  underRules(
    'relu-mask-by-value',
    "a ReLU's gradient is multiplied by the activation instead of by whether it is positive",
    remedy('Multiply by 1 where the input is positive', 'dy.mul(x.step())', 'grad * (x > 0)'),
    ['saliency', 'smooth-grad', 'guided-backprop', 'grad-cam', 'hires-cam'],
    { atRelu: byValue },
  ),
  {
    ...underRules(
      'relu6-mask-open-above',
      "a ReLU6's mask is that of a ReLU: gradients pass above 6 too",
      remedy('Pass gradients between 0 and 6 only', 'dy.mul(x.step()).mul(x.less(6))', 'grad * ((x > 0) & (x < 6))'),
      ['saliency', 'smooth-grad', 'guided-backprop'],
      { atRelu: openAbove },
    ),
    applies: ({ network }) => withTypes(network.description, { ReLU6: 'ReLU' }, { relu6: 'relu' }) !== null,
  },
  underRules(
    'max-pool-not-positive',
    'the gradient of a max pool window is lost where its maximum is not positive, as on the WebAssembly backend',
    remedy(
      'Pass the gradient of every window, whatever the sign of its maximum',
      'a max pool with its own gradient (tf.customGrad)',
      'F.max_pool2d, which does',
    ),
    ['saliency', 'deconv'],
    { maxPool: onlyPositive },
  ),
  trainingMode,
];
