/**
 * TF.js's own gradients: removed from its global registry, where they would apply to the whole process, and registered
 * only for the duration of a call.
 */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Registers them: in Node by `require('@tensorflow/tfjs')`, in a bundle by importing
 * '@tensorflow/tfjs-core/dist/register_all_gradients'.
 */
export type RegisterGradients = () => void | Promise<void>;

let taken: readonly tf.GradConfig[] | undefined;

/** Afterwards no gradient is registered. They are kept, because a module registers them only once in a process. */
export async function takeStockGradients(register: RegisterGradients): Promise<readonly tf.GradConfig[]> {
  if (taken) return taken;
  if (registered().length === 0) await register();
  taken = registered();
  for (const { kernelName } of taken) tf.unregisterGradient(kernelName);
  return taken;
}

export function withGradients<T>(gradients: readonly tf.GradConfig[], run: () => T): T {
  for (const gradient of gradients) tf.registerGradient(gradient);
  try {
    return run();
  } finally {
    for (const { kernelName } of gradients) tf.unregisterGradient(kernelName);
  }
}

/** The registry cannot be listed, but it can be searched by the kernel names that TF.js exports. */
function registered(): tf.GradConfig[] {
  const names = new Set(Object.values(tf).filter((value) => typeof value === 'string'));
  return [...names].flatMap((name) => tf.getGradient(name) ?? []);
}
