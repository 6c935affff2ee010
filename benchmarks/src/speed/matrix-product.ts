import * as tf from '@tensorflow/tfjs-core';
import { scoped } from '@touchstone/network';

/** Multiplies two size × size matrices on the current backend, size³ multiply-adds, and reads one number back. */
export async function matrixProduct(size: number): Promise<void> {
  await scoped(async () => {
    const product = tf.tidy(() => {
      const row = tf.div(tf.range(0, size), size);
      const a = tf.add(tf.reshape(row, [size, 1]), row) as tf.Tensor2D;
      return tf.slice(tf.matMul(a, a), [size - 1, size - 1], [1, 1]);
    });
    await product.data();
  });
}
