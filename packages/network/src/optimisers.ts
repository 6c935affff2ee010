/**
 * One step of an optimiser, with PyTorch's arithmetic and defaults: torch/optim/{adam,rmsprop,adagrad}.py, the
 * `_single_tensor_…` functions. A state is the image and the optimiser's running values, all of one shape; the running
 * values start at zero.
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from './layout.js';

export type OptimiserState = Readonly<Record<'x' | 'mean' | 'square', tf.Tensor>>;

export interface OptimiserStep {
  /** The learning rate. */
  readonly rate: number;
  /** 1, 2, … */
  readonly step: number;
}

/** State and gradient → the next state: new tensors. */
export type Optimiser = (state: OptimiserState, gradient: tf.Tensor, step: OptimiserStep) => OptimiserState;

export function startAt(x: tf.Tensor): OptimiserState {
  return { x: x.clone(), mean: tf.zerosLike(x), square: tf.zerosLike(x) };
}

/**
 * Kingma & Ba 2015, algorithm 1: β 0.9 and 0.999, ε 1e-8 added to the root of the corrected square. `mean` and `square`
 * are running averages.
 */
export const adam: Optimiser = ({ x, mean, square }, gradient, { rate, step }) => {
  const nextMean = tf.add(mean, times(tf.sub(gradient, mean), 1 - 0.9));
  const nextSquare = tf.add(times(square, 0.999), times(tf.square(gradient), 1 - 0.999));
  const root = plus(tf.div(tf.sqrt(nextSquare), constant([Math.sqrt(1 - 0.999 ** step)], [])), 1e-8);
  return { x: tf.sub(x, times(tf.div(nextMean, root), rate / (1 - 0.9 ** step))), mean: nextMean, square: nextSquare };
};

/** α 0.99, ε 1e-8; `square` is a running average, `mean` is unused. */
export const rmsprop: Optimiser = ({ x, mean, square }, gradient, { rate }) => {
  const nextSquare = tf.add(times(square, 0.99), times(tf.square(gradient), 1 - 0.99));
  return { x: moved(x, gradient, nextSquare, rate, 1e-8), mean: mean.clone(), square: nextSquare };
};

/** ε 1e-10, initial accumulator 0; `square` is the sum of all squares, `mean` is unused. */
export const adagrad: Optimiser = ({ x, mean, square }, gradient, { rate }) => {
  const nextSquare = tf.add(square, tf.square(gradient));
  return { x: moved(x, gradient, nextSquare, rate, 1e-10), mean: mean.clone(), square: nextSquare };
};

function moved(x: tf.Tensor, gradient: tf.Tensor, square: tf.Tensor, rate: number, epsilon: number): tf.Tensor {
  return tf.sub(x, times(tf.div(gradient, plus(tf.sqrt(square), epsilon)), rate));
}

function times(x: tf.Tensor, factor: number): tf.Tensor {
  return tf.mul(x, constant([factor], []));
}

function plus(x: tf.Tensor, summand: number): tf.Tensor {
  return tf.add(x, constant([summand], []));
}
