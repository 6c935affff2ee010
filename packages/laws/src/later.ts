import type * as tf from '@tensorflow/tfjs-core';

export type Values = Float32Array | Float64Array;

/** Reads what was kept. */
export type Later = () => Promise<Values>;

/**
 * Keeps a tensor for later, since a hook cannot wait; reading at once (`dataSync`) is not possible everywhere: on
 * webgpu without a screen it costs the device.
 */
export type Keep = (tensor: tf.Tensor) => Later;
