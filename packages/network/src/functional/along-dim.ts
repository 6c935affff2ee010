/** Chooses and moves slices along dimensions, which count as PyTorch's (NCHW); 4-D values are NHWC in memory. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { axisOf, memoryOrder, nchwShape } from '../layout.js';
import { cut, flipped, picked, placed, replaced, rolled, scattered } from '../ops/along-axis.js';
import { transposed } from '../ops/transposed.js';
import { doesNotFit } from './does-not-fit.js';

/** The slice at `index` of `dim`, without that dimension. A view. @throws `bad-input` where there is none */
export function select(x: Variable, dim: number, index: number): Variable {
  const { axis, size } = along(`select ${index} of dimension ${dim}`, x, dim, index);
  const rank = x.shape.length;
  // The dimensions that are left, in the order of x's memory and in that of the result's.
  const left = memoryOrder(rank).flatMap((each) => (each === dim ? [] : [each > dim ? each - 1 : each]));
  const wanted = memoryOrder(rank - 1);
  const there = wanted.map((each) => left.indexOf(each));
  const back = left.map((each) => wanted.indexOf(each));
  const restored = (R: tf.Tensor) => {
    const ordered = transposed(R, back);
    return tf.reshape(ordered, ordered.shape.toSpliced(axis, 0, 1));
  };
  return Variable.view(
    'select',
    x,
    (v) => {
      const one = cut(v, axis, index, 1);
      return transposed(tf.reshape(one, one.shape.toSpliced(axis, 1)), there);
    },
    (R) => placed(restored(R), axis, index, size),
    (base, value) => replaced(base, axis, [index], restored(value)),
  );
}

/** Every `step`-th position of `dim` from `start` to before `end`. A view. @throws `bad-input` where it has none */
export function slice(x: Variable, dim: number, start: number, end: number, step = 1): Variable {
  const { axis, size } = along(`slice from ${start} of dimension ${dim}`, x, dim, start);
  const count = sliceSize(size, start, end, step);
  if (count < 1) throw doesNotFit(`slice from ${start} to ${end} of dimension ${dim}`, nchwShape(x.shape));
  const index = Array.from({ length: count }, (_, i) => start + i * step);
  return Variable.view(
    'slice',
    x,
    (v) => (step === 1 ? cut(v, axis, start, count) : picked(v, axis, index)),
    (R) => (step === 1 ? placed(R, axis, start, size) : scattered(R, axis, index, size)),
    (base, value) => replaced(base, axis, index, value),
  );
}

/** The number of positions that a slice of a dimension of that size has. */
export function sliceSize(size: number, start: number, end: number, step: number): number {
  return Math.max(0, Math.ceil((Math.min(end, size) - start) / step));
}

/** The slices at `index` along `dim`, in that order; one that is selected twice gets the sum of both gradients. */
export function indexSelect(x: Variable, dim: number, index: readonly number[]): Variable {
  const axis = axisOf(dim, x.shape.length);
  const size = x.shape[axis]!;
  const outside = index.find((i) => !Number.isInteger(i) || i < 0 || i >= size);
  if (outside !== undefined)
    throw new TouchstoneError(
      'usage',
      `index ${outside} is outside a dimension of size ${size}`,
      `Give integers from 0 to ${size - 1}.`,
    );
  const value = tf.tidy(() => picked(x.value, axis, index));
  return Variable.result('index_select', value, [x], (R) => [scattered(R, axis, index, size)]);
}

/** What was at position i of `dims[k]` is at i + `shifts[k]`, round the end. */
export function roll(x: Variable, shifts: readonly number[], dims: readonly number[]): Variable {
  const axes = dims.map((dim) => along('roll', x, dim).axis);
  const by = (v: tf.Tensor, sign: 1 | -1) => axes.reduce((y, axis, k) => rolled(y, axis, sign * shifts[k]!), v);
  const value = tf.tidy(() => by(x.value, 1));
  return Variable.result('roll', value, [x], (R) => [by(R, -1)]);
}

/** Reverses the order along `dims`. */
export function flip(x: Variable, dims: readonly number[]): Variable {
  const axes = dims.map((dim) => along('flip', x, dim).axis);
  const reversed = (v: tf.Tensor) => axes.reduce(flipped, v);
  const value = tf.tidy(() => reversed(x.value));
  return Variable.result('flip', value, [x], (R) => [reversed(R)]);
}

/** The axis of `dim` in memory. @throws `bad-input` where x has no such dimension, or nothing at `index` */
function along(what: string, x: Variable, dim: number, index = 0): { axis: number; size: number } {
  const rank = x.shape.length;
  const axis = dim < rank ? axisOf(dim, rank) : -1;
  if (axis < 0 || index >= x.shape[axis]!) throw doesNotFit(what, nchwShape(x.shape));
  return { axis, size: x.shape[axis]! };
}
