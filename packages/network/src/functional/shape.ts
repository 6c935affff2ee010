/** Operations that move values and compute none. `dim` counts NCHW dimensions. */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { axisOf, nchwShape } from '../layout.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';
import { padSpace } from '../ops/windows.js';
import { reshape } from './movement.js';
import { result4 } from './result4.js';

/** `padding` is left, right, top, bottom, as PyTorch orders it. [N,H,W,C] → [N,H+top+bottom,W+left+right,C]. */
export function zeroPad2d(
  x: Variable,
  [left, right, top, bottom]: readonly [number, number, number, number],
): Variable {
  return result4(
    'pad',
    x,
    (v) => padSpace(v, [top, bottom], [left, right]).clone(),
    (R) => padSpace(R, [-top, -bottom], [-left, -right]).clone(),
  );
}

export function cat(parts: readonly Variable[], dim: number): Variable {
  const axis = axisOf(dim, parts[0]!.value.rank);
  const sizes = parts.map((part) => part.shape[axis]!);
  const values = parts.map((part) => part.value);
  const value = bounded(tf.concat(values, axis), Math.max(...values.map(usefulBoundOf)));
  return Variable.result('cat', value, parts, (R) => tf.split(R, sizes, axis).map((part) => bounded(part, boundOf(R))));
}

/** Joins NCHW dimensions, whatever the layout in memory. A view, as in PyTorch. */
export function flatten(x: Variable, startDim: number, endDim: number): Variable {
  const from = nchwShape(x.shape);
  const at = (dim: number) => (dim < 0 ? dim + from.length : dim);
  const [start, end] = [at(startDim), at(endDim)];
  if (start === end) return x;
  const joined = from.slice(start, end + 1).reduce((a, b) => a * b, 1);
  return reshape(x, [...from.slice(0, start), joined, ...from.slice(end + 1)], 'flatten');
}

/** The same values under a new node, so that later in-place operations leave `x` alone. */
export function clone(x: Variable): Variable {
  return Variable.result('clone', x.value.clone(), [x], (R) => [R.clone()]);
}

/**
 * A leaf whose gradient is that of `x` in all later uses of `x`: a zero that is added in place. Its value is the
 * current one of `x`.
 */
export function gradientLeaf(x: Variable): Variable {
  const zero = Variable.leaf(x.value, { requiresGrad: true });
  x.changeInPlace('gradient leaf', x.value.clone(), [zero], (R) => [x.requiresGrad ? R.clone() : null, R.clone()]);
  return zero;
}
