/** What Grad-CAM (Selvaraju et al. 2017) is made of: the feature maps A of a layer, and dy/dA. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@touchstone/network';
import { inputGradient } from './input-gradient.js';
import { withHooks } from './with-hooks.js';

/**
 * A is kept as it is when the layer returns. The ReLU behind it works in place, and changes what `output` stands for;
 * but not the tensor that was its value, nor whose gradient the hook sees.
 */
export function gradCam(
  network: Network,
  pictures: tf.Tensor,
  category: number,
  layer: string,
): Record<string, tf.Tensor> {
  const seen: Record<string, tf.Tensor> = {};
  withHooks((keep) => {
    const capture = network.module(layer).registerForwardHook((_layer, _inputs, output) => {
      seen['A'] = output.value;
      output.registerHook((gradient) => {
        seen['dy/dA'] = gradient;
      });
    });
    keep(capture);
    inputGradient(network, pictures, category);
  });
  return seen;
}
