/** The ingredients of Grad-CAM (Selvaraju et al. 2017): the feature maps A of a layer, and dy/dA. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@touchstone/network';
import { inputGradient } from './input-gradient.js';
import { withHooks } from './with-hooks.js';

/**
 * A is the tensor that the layer returned. The ReLU after it works in place and changes the value of `output`, but
 * neither that tensor nor the gradient that the hook sees.
 */
export function gradCam(
  network: Network,
  images: tf.Tensor,
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
    inputGradient(network, images, category);
  });
  return seen;
}
