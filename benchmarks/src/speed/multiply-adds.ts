import { registerModuleForwardHook, Variable, fromHost, type Network } from '@touchstone/network';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, LeafAttributes } from '@touchstone/contract';

/**
 * Multiply-adds of the convolutions and linear layers in a forward pass of x [N,C,H,W], by their formulas. Runs the
 * pass to see the shapes.
 */
export function multiplyAddsOf(network: Network, x: HostTensor): number {
  const { modules } = network.description;
  let sum = 0;
  const handle = registerModuleForwardHook((module, _inputs, output) => {
    const description = modules[module.path];
    if (description === undefined || !('attributes' in description) || !(output instanceof Variable)) return;
    const values = output.shape.reduce((product, size) => product * size, 1);
    if (description.type === 'Conv2d') {
      const {
        inChannels,
        groups,
        kernelSize: [h, w],
      } = description.attributes as LeafAttributes<'Conv2d'>;
      sum += values * (inChannels / groups) * h * w;
    } else if (description.type === 'Linear')
      sum += values * (description.attributes as LeafAttributes<'Linear'>).inFeatures;
  });
  try {
    tf.tidy(() => void network.call(Variable.leaf(fromHost(x))));
  } finally {
    handle.remove();
  }
  return sum;
}
