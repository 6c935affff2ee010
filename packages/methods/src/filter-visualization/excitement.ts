/** How strongly a filter of a layer responds to an image. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { constant, grad, Variable, type Network } from '@touchstone/network';
import { outputUpTo } from '../core/layer.js';

interface FilterParams {
  readonly layer: string;
  readonly filter: number;
}

/** The filter's mean over its map, [N], and the gradient of −mean, [N,H,W,C]. */
export function excitement(
  network: Network,
  image: tf.Tensor4D,
  params: FilterParams,
): { activation: tf.Tensor1D; gradient: tf.Tensor4D } {
  const leaf = Variable.leaf(image, { requiresGrad: true });
  const { output, mean, seed } = filterMean(network, leaf, params);
  return { activation: mean, gradient: grad(output, seed, [leaf])[0] as tf.Tensor4D };
}

export function filterMean(
  network: Network,
  image: Variable,
  { layer, filter }: FilterParams,
): { output: Variable; mean: tf.Tensor1D; seed: tf.Tensor4D } {
  const output = outputUpTo(network, image, layer);
  const [n, h, w, k] = output.shape as [number, number, number, number];
  if (filter >= k)
    throw new TouchstoneError(
      'bad-params',
      `filter is ${filter}; layer "${layer}" has filters 0 to ${k - 1}`,
      'Set "filter" to one of these.',
    );
  const one = constant(
    Array.from({ length: k }, (_, i) => (i === filter ? 1 : 0)),
    [1, 1, 1, k],
  );
  const map = tf.sum(tf.mul(output.value, one), 3);
  const seed = tf.mul(tf.ones([n, h, w, 1]), tf.mul(one, constant([-1 / (h * w)], []))) as tf.Tensor4D;
  return { output, mean: tf.mean(map, [1, 2]), seed };
}
