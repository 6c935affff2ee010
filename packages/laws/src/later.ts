import type * as tf from '@tensorflow/tfjs-core';

export type Values = Float32Array | Float64Array;

/** Reads a tensor that was kept. */
export type Later = () => Promise<Values>;

/**
 * Keeps a tensor to be read later, because a hook cannot wait. Reading it synchronously (`dataSync`) does not work
 * everywhere: on webgpu without a screen it loses the device.
 */
export type Keep = (tensor: tf.Tensor) => Later;
