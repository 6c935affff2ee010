/**
 * The same values in another shape or order. Shapes and dimensions are PyTorch's (NCHW); 4-D values are NHWC in memory.
 * All are views, as in PyTorch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { fromNchw, memoryOrder, nchwShape, toNchw } from '../layout.js';
import { repeated, summed } from '../ops/along-axis.js';
import { cloned } from '../ops/magnitude.js';
import { transposed } from '../ops/transposed.js';
import { doesNotFit } from './does-not-fit.js';

/** @param shape with −1 once at most: what is left @throws `bad-input` where the number of values differs */
export function reshape(x: Variable, shape: readonly number[], name = 'reshape'): Variable {
  const from = nchwShape(x.shape);
  const to = reshaped(from, shape);
  if (!to) throw doesNotFit(`${name} to [${shape.join(',')}]`, from);
  return Variable.view(
    name,
    x,
    (v) => fromNchw(tf.reshape(toNchw(v), to)),
    (v) => fromNchw(tf.reshape(toNchw(v), from)),
  );
}

/** `shape` with its −1 replaced; null where `from` has another number of values. */
export function reshaped(from: readonly number[], shape: readonly number[]): number[] | null {
  const values = from.reduce((a, b) => a * b, 1);
  const known = shape.reduce((a, b) => (b === -1 ? a : a * b), 1);
  const left = values / known;
  const fits = shape.includes(-1) ? Number.isInteger(left) : left === 1;
  return fits ? shape.map((size) => (size === -1 ? left : size)) : null;
}

/** Dimension i of the result is dimension `dims[i]` of x. @throws `bad-input` where x has another number of them */
export function permute(x: Variable, dims: readonly number[]): Variable {
  const memory = memoryOrder(dims.length);
  if (x.shape.length !== dims.length) throw doesNotFit(`permute by [${dims.join(',')}]`, nchwShape(x.shape));
  const order = memory.map((dim) => memory.indexOf(dims[dim]!));
  const back = order.map((_, axis) => order.indexOf(axis));
  return Variable.view(
    'permute',
    x,
    (v) => transposed(v, order),
    (v) => transposed(v, back),
  );
}

/**
 * Repeats dimensions of size 1, and adds some in front.
 *
 * @param shape −1: the size of x @throws `bad-input` where another size than 1 would change
 */
export function expand(x: Variable, shape: readonly number[]): Variable {
  const from = nchwShape(x.shape);
  const to = expanded(from, shape);
  if (!to) throw doesNotFit(`expand to [${shape.join(',')}]`, from);
  const rank = to.length;
  const whole = [...Array.from({ length: rank - from.length }, () => 1), ...from];
  const repeats = memoryOrder(rank).flatMap((dim, axis) => (to[dim] === whole[dim] ? [] : [{ axis, times: to[dim]! }]));
  const inMemory = (v: tf.Tensor) => (rank === from.length ? cloned(v) : fromNchw(tf.reshape(toNchw(v), whole)));
  const outOfMemory = (v: tf.Tensor) => (rank === from.length ? cloned(v) : fromNchw(tf.reshape(toNchw(v), from)));
  return Variable.view(
    'expand',
    x,
    (v) => repeats.reduce((y, { axis, times }) => repeated(y, axis, times), inMemory(v)),
    (R) => outOfMemory(repeats.reduce((y, { axis }) => summed(y, axis), R)),
    () => {
      throw new TouchstoneError(
        'unsupported',
        'an expanded tensor is changed in place',
        'Use the out-of-place function; PyTorch refuses this too.',
      );
    },
  );
}

/** `shape` with the sizes of x for −1; null where x cannot be expanded to it. */
export function expanded(from: readonly number[], shape: readonly number[]): number[] | null {
  const added = shape.length - from.length;
  if (added < 0 || shape.some((size, dim) => size === -1 && dim < added)) return null;
  const to = shape.map((size, dim) => (size === -1 ? from[dim - added]! : size));
  return from.every((size, dim) => size === 1 || size === to[dim + added]) ? to : null;
}
