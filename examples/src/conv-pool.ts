/**
 * A 3×3 convolution with filters of ones and of twos over 4×4 ones, then a 2×2 max pool: 9 and 18 everywhere, so all
 * windows tie. The L1 loss against 10 and 10 sends ∓0.5 only to the first element of each window.
 */
import * as tf from '@tensorflow/tfjs-core';
import { backward, constant, Variable, type Network } from '@touchstone/network';
import { withHooks } from './with-hooks.js';

export function convPool(network: Network, ones: tf.Tensor): Record<string, tf.Tensor> {
  const seen: Record<string, tf.Tensor> = {};
  const see = (event: string, value: tf.Tensor): void => void (seen[event] = value);
  const x = Variable.leaf(ones, { requiresGrad: true });
  const weight = network.parameter('0.weight');
  weight.requiresGrad = true;

  withHooks((keep) => {
    for (const [path, module] of network.namedModules()) {
      if (path === '') continue;
      keep(module.registerForwardPreHook((_module, [input]) => see(`input of ${path}`, input!.value)));
      keep(module.registerForwardHook((_module, _inputs, output) => see(`output of ${path}`, output.value)));
      keep(
        module.registerFullBackwardHook((_module, [gradInput]) => see(`gradient of the input of ${path}`, gradInput!)),
      );
    }
    const output = network.call(x);
    // torch.nn.L1Loss: the mean of |output − 10|, whose derivative is the sign, over the number of values.
    const difference = tf.sub(output.value, constant([10], [1]));
    see('loss', tf.reshape(tf.mean(tf.abs(difference)), [1]));
    backward(output, tf.div(tf.sign(difference), difference.size));
  });

  see('0.weight.grad', weight.grad!);
  see('x.grad', x.grad!);
  weight.requiresGrad = false;
  weight.grad = null;
  return seen;
}
