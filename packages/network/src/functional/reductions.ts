/**
 * Reductions over `dims`, which count NCHW dimensions; none, or [], are all of them. Gradients at switch points and
 * ties are PyTorch's.
 */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { axisOf, fromNchw, nchwShape, toNchw } from '../layout.js';
import { repeated, summed } from '../ops/along-axis.js';
import { choose, indicator, number } from '../ops/elementary.js';
import { bounded, boundOf } from '../ops/magnitude.js';

export function sum(x: Variable, dims?: readonly number[], keepdim = true): Variable {
  const { axes, drop, restore } = reduced(x, dims, keepdim);
  const y = tf.tidy(() => drop(sumOver(x.value, axes)).clone());
  const shape = x.shape;
  return Variable.result('sum', bounded(y, boundOf(x.value) * (x.value.size / y.size)), [x], (R) => [
    spread(restore(R), shape).clone(),
  ]);
}

export function mean(x: Variable, dims?: readonly number[], keepdim = true): Variable {
  const { axes, drop, restore } = reduced(x, dims, keepdim);
  const { shape, size } = x.value;
  const y = tf.tidy(() => {
    const total = drop(sumOver(x.value, axes));
    return tf.div(total, number(size / total.size));
  });
  const count = size / y.size;
  return Variable.result('mean', bounded(y, boundOf(x.value)), [x], (R) => [
    spread(tf.div(restore(R), number(count)), shape),
  ]);
}

/** The maximum over `dims`. Equal maxima share the gradient evenly. */
export function amax(x: Variable, dims?: readonly number[], keepdim = true): Variable {
  const input = x.value;
  const { axes, drop, restore } = reduced(x, dims, keepdim);
  const y = tf.tidy(() => drop(tf.max(input, axes, true)).clone());
  return Variable.result(
    'amax',
    bounded(y, boundOf(input)),
    [x],
    (R) => {
      const isMaximum = indicator(tf.equal(input, restore(y)));
      return [tf.mul(isMaximum, tf.div(restore(R), sumOver(isMaximum, axes)))];
    },
    [x, 'output'],
  );
}

/** The maximum over one dimension. Of equal maxima the first has the gradient, else the first NaN. */
export function max(x: Variable, dim: number, keepdim: boolean): Variable {
  const input = x.value;
  const { axes, drop, restore } = reduced(x, [dim], keepdim);
  const axis = axes[0]!;
  const y = tf.tidy(() => drop(tf.max(input, axis, true)).clone());
  return Variable.result('max', bounded(y, boundOf(input)), [x], (R) => [
    tf.mul(isFirst(tf.logicalOr(tf.equal(input, restore(y)), tf.notEqual(input, input)), axis), restore(R)),
  ]);
}

/** The Euclidean norm over `dims`. Its gradient at norm 0 is 0. */
export function norm(x: Variable, dims?: readonly number[], keepdim = true): Variable {
  const input = x.value;
  const { axes, drop, restore } = reduced(x, dims, keepdim);
  const y = tf.tidy(() => drop(tf.sqrt(sumOver(tf.square(input), axes))).clone());
  return Variable.result(
    'norm',
    y,
    [x],
    (R) => {
      const length = restore(y);
      const isZero = tf.equal(length, number(0));
      return [tf.mul(input, choose(isZero, 0, tf.div(restore(R), choose(isZero, 1, length))))];
    },
    [x, 'output'],
  );
}

/** One axis after another, so that the rounding of float32 grows with their lengths and not with the product. */
export function sumOver(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return axes.toSorted((a, b) => b - a).reduce((total, axis) => summed(total, axis), x);
}

/** The transpose of `sumOver`. */
function spread(R: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return shape.reduce((all, size, axis) => (all.shape[axis] === size ? all : repeated(all, axis, size)), R);
}

/** 1 at the first position along `axis` at which the condition holds, else 0. */
function isFirst(condition: tf.Tensor, axis: number): tf.Tensor {
  const size = condition.shape[axis]!;
  const outer = condition.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const holds = tf.reshape(indicator(condition), [outer, size, -1]);
  const soFar = tf.cumsum(holds, 1);
  return tf.reshape(tf.mul(holds, indicator(tf.equal(soFar, number(1)))), condition.shape);
}

interface Reduced {
  readonly axes: number[];
  /** From sizes of 1 to the shape of the result. */
  readonly drop: (kept: tf.Tensor) => tf.Tensor;
  /** Its inverse. */
  readonly restore: (result: tf.Tensor) => tf.Tensor;
}

function reduced(x: Variable, dims: readonly number[] | undefined, keepdim: boolean): Reduced {
  const shape = nchwShape(x.shape);
  const all = dims === undefined || dims.length === 0;
  const over = new Set((all ? [...shape.keys()] : dims).map((dim) => (dim < 0 ? dim + shape.length : dim)));
  const axes = [...over].map((dim) => axisOf(dim, shape.length));
  if (keepdim && dims) return { axes, drop: (kept) => kept, restore: (result) => result };
  const kept = shape.map((size, dim) => (over.has(dim) ? 1 : size));
  const left = shape.filter((_, dim) => !over.has(dim));
  return {
    axes,
    drop: (value) => fromNchw(tf.reshape(toNchw(value), left)),
    restore: (value) => fromNchw(tf.reshape(toNchw(value), kept)),
  };
}
