/**
 * Deconvolution (Zeiler & Fergus 2014) and guided backpropagation (Springenberg et al. 2014) by nothing but hooks: they
 * differ from the gradient only in what a ReLU hands back.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@touchstone/contract';
import type { Module, Network } from '@touchstone/network';
import { inputGradient } from './input-gradient.js';
import { withHooks } from './with-hooks.js';

export const relus = (network: Network): Module[] =>
  network.namedModules().flatMap(([, module]) => (module.type === 'ReLU' ? [module] : []));

/**
 * Each ReLU hands back R·1{R>0}, whatever its own mask. R is caught on the way into its output, and used on the way out
 * of its input. Hooks on tensors, because these ReLUs are in place: see `deconvByBackwardHooks`.
 */
export function deconv(network: Network, pictures: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      let arriving: tf.Tensor;
      keep(relu.registerForwardPreHook((_relu, [input]) => void input!.registerHook(() => tf.relu(arriving))));
      keep(relu.registerForwardHook((_relu, _inputs, output) => void output.registerHook((R) => void (arriving = R))));
    }
    return inputGradient(network, pictures, category);
  });
}

/** Each ReLU is given R·1{R>0}; its own mask 1{x>0} does the rest. */
export function guided(network: Network, pictures: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      keep(relu.registerForwardHook((_relu, _inputs, output) => void output.registerHook((R) => tf.relu(R))));
    }
    return inputGradient(network, pictures, category);
  });
}

/**
 * Deconvolution as in much PyTorch code. Full backward hooks and in-place ReLUs exclude each other: see `outOfPlace`.
 */
export function deconvByBackwardHooks(network: Network, pictures: tf.Tensor, category: number): tf.Tensor {
  return withHooks((keep) => {
    for (const relu of relus(network)) {
      keep(relu.registerFullBackwardHook((_relu, _gradInput, [R]) => [tf.relu(R!)]));
    }
    return inputGradient(network, pictures, category);
  });
}

/** PyTorch: `for relu in relus(network): relu.inplace = False`. Here that is settled before the network is loaded. */
export function outOfPlace(description: NetworkDescription): NetworkDescription {
  const modules = Object.entries(description.modules).map(([path, module]) =>
    'attributes' in module && module.type === 'ReLU'
      ? [path, { ...module, attributes: { inplace: false } }]
      : [path, module],
  );
  return { ...description, modules: Object.fromEntries(modules) as NetworkDescription['modules'] };
}
