import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';

/**
 * The mean of the samples' gradients, or their variance, added up sample by sample in order, so that batch sizes change
 * no bit. The variance is computed around the first sample's gradient, which is more exact where gradients hardly vary.
 */
export class RunningMean {
  readonly #measure: (g: tf.Tensor) => tf.Tensor;
  readonly #ofVariance: boolean;
  #origin: tf.Tensor | null = null;
  #sum: tf.Tensor | null = null;
  #squares: tf.Tensor | null = null;
  #count = 0;

  constructor(measure: (g: tf.Tensor) => tf.Tensor, ofVariance: boolean) {
    this.#measure = measure;
    this.#ofVariance = ofVariance;
  }

  /** The next samples' gradients, [count,N,H,W,C]; disposes of them. */
  add(gradients: tf.Tensor5D): void {
    const [count, ...shape] = gradients.shape;
    for (let i = 0; i < count; i++) {
      const g = tf.tidy(() => tf.reshape(tf.slice(gradients, i, 1), shape).clone());
      if (this.#ofVariance) this.#origin ??= g.clone();
      const measured = tf.tidy(() => this.#measure(this.#origin ? tf.sub(g, this.#origin) : g).clone());
      if (this.#origin) this.#squares = plus(this.#squares, tf.square(measured));
      this.#sum = plus(this.#sum, measured);
      g.dispose();
    }
    this.#count += count;
    gradients.dispose();
  }

  /** [N,H,W,C] */
  result(): tf.Tensor4D {
    return tf.tidy(() => {
      const count = constant([this.#count], []);
      const mean = tf.div(this.#sum!, count);
      return (this.#squares ? tf.sub(tf.div(this.#squares, count), tf.square(mean)) : mean) as tf.Tensor4D;
    });
  }
}

function plus(sum: tf.Tensor | null, more: tf.Tensor): tf.Tensor {
  if (!sum) return more;
  const total = tf.add(sum, more);
  tf.dispose([sum, more]);
  return total;
}
