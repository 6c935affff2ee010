import * as tf from '@tensorflow/tfjs-core';
import type { KernelLosingNaN } from '@touchstone/contract';

/** For tests: the kernels of the current backend that turn NaN into a number, sorted. */
export function kernelsLosingNaN(): KernelLosingNaN[] {
  const window = tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]);
  const negativeNaN = tf.sub(tf.tensor1d([Infinity]), tf.tensor1d([Infinity]));
  const answers: Record<KernelLosingNaN, tf.Tensor> = {
    convolution: tf.conv2d(window, tf.ones<tf.Rank.R4>([1, 1, 1, 1]), 1, 'valid'),
    'max-pool': tf.maxPool(window, 2, 2, 'valid'),
    relu: tf.relu(negativeNaN),
  };
  const all = Object.entries(answers) as [KernelLosingNaN, tf.Tensor][];
  return all.flatMap(([kernel, answer]) => (answer.dataSync().some(Number.isNaN) ? [] : [kernel])).sort();
}
