import * as tf from '@tensorflow/tfjs-core';
import { backward, constant, Variable, type Network } from '@touchstone/network';

/**
 * PyTorch: `x.requires_grad_(); network(x)[:, category].sum().backward(); x.grad`
 *
 * @param images [N,H,W,C]
 */
export function inputGradient(network: Network, images: tf.Tensor, category: number): tf.Tensor {
  const x = Variable.leaf(images, { requiresGrad: true });
  const logits = network.call(x);
  backward(logits, oneHot(category, logits.shape));
  return x.grad!;
}

/** ∂/∂logits of the sum of one category's logits, [N,classes]. */
function oneHot(category: number, shape: readonly number[]): tf.Tensor {
  const [n, classes] = shape as [number, number];
  return constant(
    Array.from({ length: n * classes }, (_, i) => (i % classes === category ? 1 : 0)),
    shape,
  );
}
