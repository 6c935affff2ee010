/** One step of Adam in PyTorch's arithmetic: `torch/optim/adam.py`, `_single_tensor_adam`; Kingma & Ba 2015, algorithm 1. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';

export interface AdamSettings {
  readonly rate: number;
  /** Added to the gradient as decay·x (L2), not taken off x (AdamW). */
  readonly decay: number;
}

/** All of one shape. */
export interface AdamState extends Record<string, tf.Tensor4D> {
  readonly image: tf.Tensor4D;
  /** Running mean of the gradient. */
  readonly mean: tf.Tensor4D;
  /** Running mean of its square. */
  readonly square: tf.Tensor4D;
}

const [beta1, beta2] = [0.9, 0.999];
/** PyTorch's default; Keras and TF.js have 1e-7. */
const epsilon = 1e-8;

/** @param step 1, 2, … */
export function adamStep(
  { image, mean, square }: AdamState,
  gradient: tf.Tensor4D,
  step: number,
  { rate, decay }: AdamSettings,
): AdamState {
  const g = tf.add<tf.Tensor4D>(gradient, times(image, decay));
  const nextMean = tf.add<tf.Tensor4D>(mean, times(tf.sub(g, mean), 1 - beta1));
  const nextSquare = tf.add<tf.Tensor4D>(times(square, beta2), times(tf.square(g), 1 - beta2));
  const denominator = tf.add(
    tf.div(tf.sqrt(nextSquare), constant([Math.sqrt(1 - beta2 ** step)], [])),
    constant([epsilon], []),
  );
  const moved = tf.sub<tf.Tensor4D>(image, times(tf.div(nextMean, denominator), rate / (1 - beta1 ** step)));
  return { image: moved, mean: nextMean, square: nextSquare };
}

function times(x: tf.Tensor4D, factor: number): tf.Tensor4D {
  return tf.mul(x, constant([factor], []));
}
