/**
 * The kernels of weights that stay, such as a network's: made at the first convolution, and again for no other. Those
 * of a weight that a pass computes belong to the scope of that pass.
 */
import * as tf from '@tensorflow/tfjs-core';
import { kernelsOf, type Kernels } from './kernels.js';
import type { ConvolutionSettings } from './settings.js';

const cache = new WeakMap<tf.Tensor, Map<string, Kernels>>();

/** @param weight [out,h,w,in/groups] @param purpose decides which algorithms are allowed, see `kernelsOf` */
export function cachedKernels(
  weight: tf.Tensor4D,
  settings: ConvolutionSettings,
  purpose: 'convolution' | 'transposed convolution',
): Kernels {
  const make = () => tf.tidy(() => ({ ...kernelsOf(weight, settings, purpose) }) as tf.NamedTensorMap);
  if (!weight.kept) return make() as unknown as Kernels;
  const { stride, dilation, groups } = settings;
  const key = [purpose, stride, dilation, groups].join();
  const known = cache.get(weight) ?? new Map<string, Kernels>();
  cache.set(weight, known);
  const kernels = known.get(key) ?? (keep(make()) as unknown as Kernels);
  known.set(key, kernels);
  return kernels;
}

/** To be called before a weight is disposed. */
export function disposeKernels(weight: tf.Tensor): void {
  for (const kernels of cache.get(weight)?.values() ?? []) tf.dispose({ ...kernels } as tf.TensorContainer);
  cache.delete(weight);
}

function keep(tensors: tf.NamedTensorMap): tf.NamedTensorMap {
  for (const tensor of Object.values(tensors).flat() as (tf.Tensor | null)[]) if (tensor) tf.keep(tensor);
  return tensors;
}
