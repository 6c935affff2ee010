/** Reductions, with PyTorch's gradients at switch points and ties. `dims` count NCHW dimensions. */
import * as tf from '@tensorflow/tfjs-core';
import { axisOf, constant } from '../layout.js';
import { Variable } from '../autograd/variable.js';

/** |x|; its gradient at 0 is 0. */
export function abs(x: Variable): Variable {
  const input = x.value;
  return Variable.result(
    'abs',
    tf.abs(input),
    [x],
    (R) => [tf.mul(R, tf.sub(tf.step(input), tf.step(tf.neg(input))))],
    [x],
  );
}

/**
 * The maximum over `dims`, which are kept with size 1; without `dims` a scalar. Equal maxima share the gradient evenly.
 */
export function amax(x: Variable, dims?: readonly number[]): Variable {
  const input = x.value;
  const { axes, kept, shape } = reduced(x, dims);
  const value = tf.tidy(() => tf.reshape(tf.max(input, axes), shape));
  return Variable.result(
    'amax',
    value,
    [x],
    (R) => {
      const isMaximum = tf.cast(tf.equal(input, tf.reshape(value, kept)), 'float32');
      return [tf.mul(isMaximum, tf.div(tf.reshape(R, kept), tf.sum(isMaximum, axes, true)))];
    },
    [x, 'output'],
  );
}

/**
 * The Euclidean norm over `dims`, which are kept with size 1; without `dims` a scalar. Its gradient at norm 0 is 0.
 */
export function norm(x: Variable, dims?: readonly number[]): Variable {
  const input = x.value;
  const { axes, kept, shape } = reduced(x, dims);
  const value = tf.tidy(() => tf.reshape(tf.sqrt(tf.sum(tf.square(input), axes)), shape));
  return Variable.result(
    'norm',
    value,
    [x],
    (R) => {
      const length = tf.reshape(value, kept);
      const isZero = tf.equal(length, constant([0], []));
      const unit = tf.where(
        isZero,
        tf.zerosLike(length),
        tf.div(tf.reshape(R, kept), tf.where(isZero, tf.onesLike(length), length)),
      );
      return [tf.mul(input, unit)];
    },
    [x, 'output'],
  );
}

/** `kept`: the shape with 1 for every reduced dimension, NHWC if 4-D; `shape`: that of the result. */
function reduced(
  x: Variable,
  dims: readonly number[] | undefined,
): { axes: number[]; kept: number[]; shape: number[] } {
  const axes = dims?.map((dim) => axisOf(dim, x.shape.length)) ?? [...x.shape.keys()];
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return { axes, kept, shape: dims ? kept : [] };
}
