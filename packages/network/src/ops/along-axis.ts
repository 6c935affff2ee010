/**
 * Moves values along one axis of a tensor of any rank. The axes before it and those after it are joined, so that every
 * backend takes it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from './magnitude.js';

/** `count` positions from `start` on. */
export function cut(x: tf.Tensor, axis: number, start: number, count: number): tf.Tensor {
  const { outer, size, inner } = around(x, axis);
  if (count === size) return moved(x, x.shape, x);
  const rows = tf.reshape(x, [outer, size * inner]);
  return moved(tf.slice(rows, [0, start * inner], [outer, count * inner]), x.shape.with(axis, count), x);
}

/** The transpose of `cut`: zeros at the other positions of `size`. */
export function placed(R: tf.Tensor, axis: number, start: number, size: number): tf.Tensor {
  const { outer, size: count, inner } = around(R, axis);
  if (count === size) return moved(R, R.shape, R);
  const rows = tf.pad(tf.reshape(R, [outer, count * inner]), [
    [0, 0],
    [start * inner, (size - start - count) * inner],
  ]);
  return moved(rows, R.shape.with(axis, size), R);
}

/** The positions `index`, in that order; one may be there twice. */
export function picked(x: tf.Tensor, axis: number, index: readonly number[]): tf.Tensor {
  const { outer, size, inner } = around(x, axis);
  const values = tf.gather(tf.reshape(x, [outer, size, inner]), tf.tensor1d([...index], 'int32'), 1);
  return moved(values, x.shape.with(axis, index.length), x);
}

/** The transpose of `picked`: each position of `size` gets the sum of what was picked from it. */
export function scattered(R: tf.Tensor, axis: number, index: readonly number[], size: number): tf.Tensor {
  const uses = usesOf(index, size);
  const most = maxOf(uses);
  const zero = index.length;
  const withZero = tf.concat([R, tf.zeros(R.shape.with(axis, 1))], axis);
  const all = picked(
    withZero,
    axis,
    uses.flatMap((from) => Array.from({ length: most }, (_, i) => from[i] ?? zero)),
  );
  if (most === 1) return bounded(all, boundOf(R));
  const sums = summed(tf.reshape(all, R.shape.toSpliced(axis, 1, size, most)), axis + 1);
  return bounded(tf.reshape(sums, R.shape.with(axis, size)), boundOf(R) * most);
}

/** Positions along the axis of the largest tensor that `scattered` makes. */
export function scatteredSize(index: readonly number[], size: number): number {
  return size * maxOf(usesOf(index, size));
}

/** For each of `size` positions, where in `index` it is. */
function usesOf(index: readonly number[], size: number): number[][] {
  const uses = Array.from({ length: size }, (): number[] => []);
  for (const [at, position] of index.entries()) uses[position]!.push(at);
  return uses;
}

function maxOf(uses: readonly (readonly number[])[]): number {
  return uses.reduce((most, { length }) => Math.max(most, length), 1);
}

/** `base` with `values` at the positions `index`, each of which is there once. */
export function replaced(base: tf.Tensor, axis: number, index: readonly number[], values: tf.Tensor): tf.Tensor {
  const size = base.shape[axis]!;
  const order = Array.from({ length: size }, (_, i) => i);
  for (const [from, to] of index.entries()) order[to] = size + from;
  return picked(tf.concat([base, values], axis), axis, order);
}

/** What was at position i is at i + `shift`, round the end. */
export function rolled(x: tf.Tensor, axis: number, shift: number): tf.Tensor {
  const { outer, size, inner } = around(x, axis);
  const by = ((shift % size) + size) % size;
  if (by === 0) return moved(x, x.shape, x);
  const rows = tf.reshape(x, [outer, size * inner]);
  const end = (size - by) * inner;
  const parts = [tf.slice(rows, [0, end], [outer, by * inner]), tf.slice(rows, [0, 0], [outer, end])];
  return moved(tf.concat(parts, 1), x.shape, x);
}

export function flipped(x: tf.Tensor, axis: number): tf.Tensor {
  const { outer, size, inner } = around(x, axis);
  return moved(tf.reverse(tf.reshape(x, [outer, size, inner]), 1), x.shape, x);
}

/** An axis of size 1, `times` times. */
export function repeated(x: tf.Tensor, axis: number, times: number): tf.Tensor {
  const { outer, inner } = around(x, axis);
  return moved(tf.tile(tf.reshape(x, [outer, 1, inner]), [1, times, 1]), x.shape.with(axis, times), x);
}

/** The transpose of `repeated`. */
export function summed(R: tf.Tensor, axis: number): tf.Tensor {
  const { outer, size, inner } = around(R, axis);
  const sum = tf.sum(tf.reshape(R, [outer, size, inner]), 1);
  return bounded(tf.reshape(sum, R.shape.with(axis, 1)), boundOf(R) * size);
}

function around({ shape }: tf.Tensor, axis: number): { outer: number; size: number; inner: number } {
  const values = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  return { outer: values(shape.slice(0, axis)), size: shape[axis]!, inner: values(shape.slice(axis + 1)) };
}

/** `result` in its shape; its values are some of those of `x`, or zero. */
function moved(result: tf.Tensor, shape: readonly number[], x: tf.Tensor): tf.Tensor {
  return bounded(tf.reshape(result, [...shape]), boundOf(x));
}
