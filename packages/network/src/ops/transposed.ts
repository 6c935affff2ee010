import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from './magnitude.js';

/**
 * As `tf.transpose`, but first joins the axes that stay next to each other: backends only take so many, and are faster
 * with fewer. Where no value moves it is a reshape.
 */
export function transposed(x: tf.Tensor, order: readonly number[]): tf.Tensor {
  const shape = order.map((axis) => x.shape[axis]!);
  const joined = joinedAxes(x.shape, order);
  if (joined.length < 2) return bounded(tf.reshape(x, shape), boundOf(x));
  const first = joined.map(([axis]) => axis!);
  const before = joined.toSorted(([a], [b]) => a! - b!);
  const sizes = before.map((axes) => axes.reduce((size, axis) => size * x.shape[axis]!, 1));
  const perm = first.map((axis) => before.findIndex(([a]) => a === axis));
  return bounded(tf.reshape(tf.transpose(tf.reshape(x, sizes), perm), shape), boundOf(x));
}

/** In the order of the result, without those of size 1: each list is of axes that stay next to each other. */
function joinedAxes(shape: readonly number[], order: readonly number[]): number[][] {
  const moving = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const joined: number[][] = [];
  for (const axis of order) {
    if (shape[axis] === 1) continue;
    const last = joined.at(-1);
    if (last && moving[moving.indexOf(last.at(-1)!) + 1] === axis) last.push(axis);
    else joined.push([axis]);
  }
  return joined;
}
