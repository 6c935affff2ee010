import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from './magnitude.js';

/** With more axes than this, wasm takes 15 times as long as with two steps of fewer. */
const maxJoined = 4;

/**
 * As `tf.transpose`, but first joins the axes that stay next to each other: backends only take so many, and are faster
 * with fewer. Where no value moves it is a reshape.
 */
export function transposed(x: tf.Tensor, order: readonly number[]): tf.Tensor {
  const shape = order.map((axis) => x.shape[axis]!);
  const joined = joinedAxes(x.shape, order);
  if (joined.length < 2) return bounded(tf.reshape(x, shape), boundOf(x));
  if (joined.length > maxJoined) {
    const step = firstStep(x.shape, joined);
    return transposed(
      transposed(x, step),
      order.map((axis) => step.indexOf(axis)),
    );
  }
  const first = joined.map(([axis]) => axis!);
  const before = joined.toSorted(([a], [b]) => a! - b!);
  const sizes = before.map((axes) => axes.reduce((size, axis) => size * x.shape[axis]!, 1));
  const perm = first.map((axis) => before.findIndex(([a]) => a === axis));
  return bounded(tf.reshape(tf.transpose(tf.reshape(x, sizes), perm), shape), boundOf(x));
}

/** The order in which the first axes that are not in their place are, and the others follow as they were. */
function firstStep(shape: readonly number[], joined: readonly (readonly number[])[]): number[] {
  const moving = [...shape.keys()].filter((axis) => shape[axis] !== 1);
  const placed: number[] = [];
  for (const axes of joined) {
    const isThere = moving[placed.length] === axes[0];
    placed.push(...axes);
    if (!isThere) break;
  }
  return [...placed, ...[...shape.keys()].filter((axis) => !placed.includes(axis))];
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
