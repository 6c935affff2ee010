/**
 * Deconvolution (Zeiler & Fergus 2014) and guided backpropagation (Springenberg et al. 2014) with hooks alone: they
 * differ from the gradient only in the backward pass of ReLU.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@touchstone/contract';
import type { Module, Network } from '@touchstone/network';
import { inputGradient } from './input-gradient.js';
import { withHooks } from './with-hooks.js';

export const relus = (network: Network): Module[] =>
  network.namedModules().flatMap(([, module]) => (module.type === 'ReLU' ? [module] : []));

/**
 * Each ReLU's input gets the gradient R·1{R>0}, whatever its own mask. A hook on its output records R, a hook on its
 * input uses it. Hooks on tensors, because these ReLUs are in place: see `deconvByBackwardHooks`.
 */
export function deconv(network: Network, images: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      let arriving: tf.Tensor;
      keep(relu.registerForwardPreHook((_relu, [input]) => void input!.registerHook(() => tf.relu(arriving))));
      keep(relu.registerForwardHook((_relu, _inputs, output) => void output.registerHook((R) => void (arriving = R))));
    }
    return inputGradient(network, images, category);
  });
}

/** Each ReLU's output gets the gradient R·1{R>0}; the ReLU then applies its own mask 1{x>0}. */
export function guided(network: Network, images: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      keep(relu.registerForwardHook((_relu, _inputs, output) => void output.registerHook((R) => tf.relu(R))));
    }
    return inputGradient(network, images, category);
  });
}

/**
 * Deconvolution as in much PyTorch code. Full backward hooks and in-place ReLUs exclude each other: see `outOfPlace`.
 */
export function deconvByBackwardHooks(network: Network, images: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      keep(relu.registerFullBackwardHook((_relu, _gradInput, [R]) => [tf.relu(R!)]));
    }
    return inputGradient(network, images, category);
  });
}

/** PyTorch: `for relu in relus(network): relu.inplace = False`. Here it is done before the network is loaded. */
export function outOfPlace(description: NetworkDescription): NetworkDescription {
  const modules = Object.entries(description.modules).map(([path, module]) =>
    'attributes' in module && module.type === 'ReLU'
      ? [path, { ...module, attributes: { inplace: false } }]
      : [path, module],
  );
  return { ...description, modules: Object.fromEntries(modules) as NetworkDescription['modules'] };
}
