import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { toHost, Variable, type Network } from '@touchstone/network';
import { lastLinear } from '../core/layer.js';

/** Images per pass; bounds the memory. */
const atOnce = 64;

/**
 * One row per image: the output of the layer's last call, flattened as PyTorch does; null: the input of the last
 * Linear. [N,d]
 */
export async function activationRows(network: Network, x: tf.Tensor4D, layer: string | null): Promise<HostTensor> {
  const images = x.shape[0];
  const parts: HostTensor[] = [];
  for (let first = 0; first < images; first += atOnce) {
    const batch = tf.tidy(() => activationsOf(network, tf.slice(x, first, Math.min(atOnce, images - first)), layer));
    try {
      parts.push(await toHost(batch));
    } finally {
      batch.dispose();
    }
  }
  const width = parts[0]!.data.length / parts[0]!.shape[0]!;
  const data =
    parts[0]!.data instanceof Float64Array ? new Float64Array(images * width) : new Float32Array(images * width);
  for (const [i, part] of parts.entries()) data.set(part.data, i * atOnce * width);
  return { shape: [images, width], data };
}

function activationsOf(network: Network, x: tf.Tensor4D, layer: string | null): tf.Tensor {
  const path = layer ?? lastLinear(network.description);
  if (path === undefined)
    throw new TouchstoneError(
      'bad-params',
      'the network has no linear layer',
      'Name the layer whose output is embedded: --set layer=PATH.',
    );
  let found: tf.Tensor | null = null;
  const module = network.module(path);
  const handle =
    layer === null
      ? module.registerForwardPreHook((_module, [input]) => void (found = input!.value.clone()))
      : module.registerForwardHook((_module, _inputs, output) => void (found = output.value.clone()), {
          prepend: true,
        });
  try {
    network.call(Variable.leaf(x));
  } finally {
    handle.remove();
  }
  if (!found)
    throw new TouchstoneError(
      'bad-params',
      `layer "${path}" is never called`,
      'Name a layer that the network executes.',
    );
  return found;
}
