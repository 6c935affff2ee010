/** Every kernel and every feature map of AlexNet's `features`, in one pass and without gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { Variable, type Network } from '@touchstone/network';
import { withHooks } from './with-hooks.js';

export function alexnet(network: Network, images: tf.Tensor): Record<string, tf.Tensor> {
  const seen: Record<string, tf.Tensor> = {};
  withHooks((keep) => {
    for (const [path, module] of network.namedModules()) {
      if (!path.startsWith('features.')) continue;
      if (module.type === 'Conv2d') seen[`kernels of ${path}`] = network.parameter(`${path}.weight`).value;
      const capture = module.registerForwardHook((_module, _inputs, output) => {
        seen[`maps of ${path}`] = output.value;
      });
      keep(capture);
    }
    seen['logits'] = network.call(Variable.leaf(images)).value;
  });
  return seen;
}
