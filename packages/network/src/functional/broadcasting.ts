/**
 * Broadcasting as in PyTorch, where shapes are aligned at their last NCHW dimension, although 4-D values are NHWC in
 * memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { axisOf, fromNchw, nchwShape, toNchw } from '../layout.js';
import { bounded, boundOf } from '../ops/magnitude.js';

/** x in a layout in which it broadcasts with tensors of `rank` dimensions, 4-D ones in NHWC. A scalar stays one. */
export function aligned(x: tf.Tensor, rank: number): tf.Tensor {
  if (x.rank === rank || x.rank === 0) return x;
  if (x.rank === 4) return toNchw(x);
  return rank === 4 ? fromNchw(tf.reshape(x, [...ones(4 - x.rank), ...x.shape])) : x;
}

/**
 * Undoes broadcasting: the gradient of an operand is the sum of R over what it was broadcast along.
 *
 * @param shape of the operand as it is in memory @returns in that shape
 */
export function sumTo(R: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const missing = R.rank - shape.length;
  const logical = nchwShape(shape);
  const full = [...ones(missing), ...logical];
  const inMemory = R.rank === 4 ? [full[0]!, full[2]!, full[3]!, full[1]!] : full;
  const axes = R.shape.flatMap((n, axis) => (inMemory[axis] === 1 && n !== 1 ? [axis] : []));
  if (axes.length === 0 && missing === 0) return bounded(R.clone(), boundOf(R));
  const summed = axes.length === 0 ? R : tf.sum(R, axes, true);
  return missing === 0 ? summed : fromNchw(tf.reshape(toNchw(summed), logical));
}

/**
 * A function of two values that broadcast.
 *
 * @param gradients of R with respect to both, not yet summed; only those that are needed are computed
 * @param saves what PyTorch keeps for the gradient
 */
export function broadcasting(
  name: string,
  operands: readonly [Variable, Variable],
  value: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  gradients: readonly [Gradient, Gradient],
  saves: readonly Variable[] = [],
): Variable {
  const [x, y] = operands.map((operand) => operand.value) as [tf.Tensor, tf.Tensor];
  const rank = Math.max(x.rank, y.rank);
  return Variable.result(
    name,
    tf.tidy(() => value(aligned(x, rank), aligned(y, rank))),
    operands,
    (R) =>
      operands.map(({ requiresGrad }, i) =>
        requiresGrad ? sumTo(gradients[i]!(R, aligned(x, rank), aligned(y, rank)), [x, y][i]!.shape) : null,
      ),
    saves,
  );
}

type Gradient = (R: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** [C] in a shape that broadcasts along the channels of `rank` dimensions, which are their second in NCHW. */
export function alongChannels(values: tf.Tensor, rank: number): tf.Tensor {
  if (values.size === 1) return tf.reshape(values, []);
  return rank === 4 ? values : tf.reshape(values, [-1, ...ones(Math.max(0, rank - 2))]);
}

/** The sum over all but the channels, [C]; with `count` 1 over all, [1]. */
export function sumToChannels(x: tf.Tensor, count: number): tf.Tensor {
  if (count === 1) return tf.reshape(tf.sum(x), [1]);
  const channels = axisOf(1, x.rank);
  return tf.sum(
    x,
    [...x.shape.keys()].filter((axis) => axis !== channels),
  );
}

function ones(count: number): number[] {
  return Array.from({ length: count }, () => 1);
}
