/** Batch normalisation with the stored statistics (eval) as x·scale + shift. All are [C]. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../layout.js';

export interface Statistics {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly weight: tf.Tensor | null;
  readonly bias: tf.Tensor | null;
  readonly eps: number;
}

export interface Affine {
  readonly scale: tf.Tensor;
  readonly shift: tf.Tensor;
}

export function affineOf({ mean, bias, weight, ...rest }: Statistics): Affine {
  const deviation = inverseDeviation(rest);
  const scale = weight ? tf.mul(deviation, weight) : deviation;
  const shift = tf.neg(tf.mul(mean, scale));
  return { scale, shift: bias ? tf.add(bias, shift) : shift };
}

/** 1/√(variance + eps) */
export function inverseDeviation({ variance, eps }: Pick<Statistics, 'variance' | 'eps'>): tf.Tensor {
  return tf.rsqrt(tf.add(variance, constant([eps], [])));
}
