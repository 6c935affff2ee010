/**
 * Gradient surgery: the gradient of the first half of a layer's maps is set to zero, so that all that reaches the image
 * comes through the second half.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@touchstone/network';
import { inputGradient } from './input-gradient.js';
import { withHooks } from './with-hooks.js';

export function surgery(
  network: Network,
  images: tf.Tensor,
  category: number,
  layer: string,
): Record<string, tf.Tensor> {
  const seen: Record<string, tf.Tensor> = {};
  // PyTorch: kept = g.clone(); kept[:, : g.shape[1] // 2] = 0; return kept
  const cut = (g: tf.Tensor): tf.Tensor => {
    seen['gradient of the maps'] = g;
    const [first, second] = tf.split(g, 2, 3); // channels come last
    return tf.concat([tf.zerosLike(first!), second!], 3);
  };
  withHooks((keep) => {
    keep(network.module(layer).registerForwardHook((_layer, _inputs, maps) => void maps.registerHook(cut)));
    seen['x.grad'] = inputGradient(network, images, category);
  });
  return seen;
}
