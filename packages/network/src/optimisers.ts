/**
 * One step of an optimiser, with PyTorch's arithmetic and defaults: torch/optim/{adam,rmsprop,adagrad}.py, the
 * `_single_tensor_…` functions. A state is the image and the optimiser's running values, all of one shape; the running
 * values start at zero.
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from './layout.js';

export type OptimiserState<T extends tf.Tensor = tf.Tensor> = Readonly<Record<'x' | 'mean' | 'square', T>>;

export interface OptimiserStep {
  /** The learning rate. */
  readonly rate: number;
  /** 1, 2, … */
  readonly step: number;
}

/** State and gradient → the next state: new tensors. */
export type Optimiser = <T extends tf.Tensor>(
  state: OptimiserState<T>,
  gradient: T,
  step: OptimiserStep,
) => OptimiserState<T>;

export interface AdamStep extends OptimiserStep {
  /** Added to the gradient as decay·x (L2), not subtracted from x (AdamW); 0 by default. */
  readonly decay?: number;
}

export function startAt<T extends tf.Tensor>(x: T): OptimiserState<T> {
  return { x: tf.clone(x), mean: tf.zerosLike(x), square: tf.zerosLike(x) };
}

/**
 * Kingma & Ba 2015, algorithm 1: β 0.9 and 0.999, ε 1e-8 added to the root of the corrected square. `mean` and `square`
 * are running averages.
 */
export function adam<T extends tf.Tensor>(
  { x, mean, square }: OptimiserState<T>,
  gradient: T,
  { rate, step, decay = 0 }: AdamStep,
): OptimiserState<T> {
  const g = decay === 0 ? gradient : tf.add<T>(gradient, times(x, decay));
  const nextMean = tf.add<T>(mean, times(tf.sub<T>(g, mean), 1 - 0.9));
  const nextSquare = tf.add<T>(times(square, 0.999), times(tf.square(g), 1 - 0.999));
  const root = plus(tf.div<T>(tf.sqrt(nextSquare), constant([Math.sqrt(1 - 0.999 ** step)], [])), 1e-8);
  const change = times(tf.div<T>(nextMean, root), rate / (1 - 0.9 ** step));
  return { x: tf.sub<T>(x, change), mean: nextMean, square: nextSquare };
}

/** α 0.99, ε 1e-8; `square` is a running average, `mean` is unused. */
export const rmsprop: Optimiser = ({ x, mean, square }, gradient, { rate }) => {
  const nextSquare = tf.add<typeof x>(times(square, 0.99), times(tf.square(gradient), 1 - 0.99));
  return { x: moved(x, gradient, nextSquare, rate, 1e-8), mean: tf.clone(mean), square: nextSquare };
};

/** ε 1e-10, initial accumulator 0; `square` is the sum of all squares, `mean` is unused. */
export const adagrad: Optimiser = ({ x, mean, square }, gradient, { rate }) => {
  const nextSquare = tf.add<typeof x>(square, tf.square(gradient));
  return { x: moved(x, gradient, nextSquare, rate, 1e-10), mean: tf.clone(mean), square: nextSquare };
};

function moved<T extends tf.Tensor>(x: T, gradient: T, square: T, rate: number, epsilon: number): T {
  return tf.sub<T>(x, times(tf.div<T>(gradient, plus(tf.sqrt(square), epsilon)), rate));
}

function times<T extends tf.Tensor>(x: T, factor: number): T {
  return tf.mul<T>(x, constant([factor], []));
}

function plus<T extends tf.Tensor>(x: T, summand: number): T {
  return tf.add<T>(x, constant([summand], []));
}
