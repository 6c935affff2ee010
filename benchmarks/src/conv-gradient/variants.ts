/** The same gradient twice: by the network package, and by TF.js's own layers and gradients. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type * as Union from '@tensorflow/tfjs';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { inputGradient } from '@touchstone/methods';
import { fromHost, loadNetwork, Variable } from '@touchstone/network';
import type { Plan, Vgg } from './vgg.js';

/** Gradients of class 0 with respect to x, as values in NHWC order; each call computes them again. */
export interface Variants {
  readonly ours: () => Float32Array;
  readonly stock: () => Float32Array;
  /** The forward pass alone, which runs the same kernels in both. */
  readonly forward: () => Float32Array;
  readonly dispose: () => void;
}

/** On the current backend, for a network that `vgg` made of `plan`. */
export function variants(plan: Plan, { description, weights }: Vgg, images: HostTensor): Variants {
  const network = loadNetwork(description, weights);
  const x = fromHost(images) as tf.Tensor4D;
  const stock = stockGradient(plan, weights);
  // Not returned through the scope, which would look for tensors in every number.
  const read = (gradient: () => tf.Tensor): Float32Array => {
    let values = new Float32Array();
    tf.tidy(() => void (values = gradient().dataSync<'float32'>().slice()));
    return values;
  };
  return {
    ours: () => read(() => inputGradient(network, x, { class: 0 }).gradient),
    stock: () => read(() => stock.gradient(x)),
    forward: () => read(() => network.call(Variable.leaf(x)).value),
    dispose: () => {
      network.dispose();
      tf.dispose([x, ...stock.tensors]);
    },
  };
}

/** TF.js with its own gradients registered; the core alone has none. */
function union(): typeof Union {
  const loaded = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof Union;
  if ((loaded.engine() as unknown) !== tf.engine()) {
    throw new TouchstoneError(
      'internal',
      '@tensorflow/tfjs and @tensorflow/tfjs-core run on two different engines, so on two backends',
      'Run npm ci, which installs one version of @tensorflow/tfjs-core.',
    );
  }
  return loaded;
}

function stockGradient(
  plan: Plan,
  weights: Vgg['weights'],
): { gradient: (x: tf.Tensor4D) => tf.Tensor; tensors: tf.Tensor[] } {
  const { conv2d, relu, maxPool, mean, matMul, add, sum, slice, grad } = union();
  const tensor = ({ shape, data }: HostTensor): tf.Tensor => tf.tensor(data as Float32Array, [...shape]);
  const kernels = Object.fromEntries(
    Object.entries(weights).map(([name, host]) => {
      const value = tf.tidy(() => (host.shape.length === 4 ? tf.transpose(tensor(host), [2, 3, 1, 0]) : tensor(host)));
      return [name, value];
    }),
  );
  const logits = (x: tf.Tensor4D): tf.Tensor2D => {
    let y = x;
    let at = 0;
    for (const step of plan) {
      if (step === 'pool') {
        y = maxPool(y, 2, 2, 'valid');
        at += 1;
      } else {
        y = relu(
          add(conv2d(y, kernels[`features.${at}.weight`] as tf.Tensor4D, 1, 'same'), kernels[`features.${at}.bias`]!),
        );
        at += 2;
      }
    }
    return add(matMul(mean(y, [1, 2]), kernels['head.weight']!, false, true), kernels['head.bias']!);
  };
  return {
    gradient: grad((x) => sum(slice(logits(x as tf.Tensor4D), [0, 0], [-1, 1]))),
    tensors: Object.values(kernels),
  };
}
