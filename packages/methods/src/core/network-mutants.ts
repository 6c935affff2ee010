/** Faults of a network's layers: they spoil the answer of a method that is right itself. */
import * as tf from '@tensorflow/tfjs-core';
import { scale, type GradientRules, type Network, type RemovableHandle } from '@touchstone/network';
import { explain } from './explain.js';
import { underRules, type Mutant } from './mutant.js';

/** 1{x ≥ 0} for 1{x > 0} */
const openAtZero: GradientRules['atRelu'] = (derivative, input) =>
  tf.where(tf.equal(input, tf.zerosLike(input)), tf.onesLike(derivative), derivative);

/** What an AvgPool2d's output is multiplied by if it divides by its window's size; null: it does so already. */
function divisorOverWindow({ description }: Network, path: string): number | null {
  const module = description.modules[path]!;
  if (!('attributes' in module) || module.type !== 'AvgPool2d') return null;
  const { divisorOverride, kernelSize } = module.attributes as { divisorOverride: number | null; kernelSize: number[] };
  return divisorOverride && divisorOverride / (kernelSize[0]! * kernelSize[1]!);
}

export const networkMutants: readonly Mutant[] = [
  underRules(
    'relu-open-at-zero',
    "a ReLU's mask is x >= 0 instead of x > 0",
    ['saliency', 'smooth-grad', 'guided-backprop', 'grad-cam'],
    { atRelu: openAtZero },
  ),
  {
    id: 'divisor-ignored',
    fault: 'an average pool divides by the size of its window instead of divisor_override',
    of: ['saliency', 'activations', 'grad-cam'],
    explain: async (method, explanation) => {
      const { network } = explanation;
      const handles: RemovableHandle[] = [];
      try {
        for (const [path, module] of network.namedModules()) {
          const by = divisorOverWindow(network, path);
          if (by !== null) handles.push(module.registerForwardHook((_module, _inputs, output) => scale(output, by)));
        }
        return (await explain(method, explanation)).stages;
      } finally {
        for (const handle of handles) handle.remove();
      }
    },
  },
];
