import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { constant } from '../layout.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';

/** Elementwise, with broadcasting. */
export function add(a: Variable, b: Variable): Variable {
  const value = bounded(tf.add(a.value, b.value), usefulBoundOf(a.value) + usefulBoundOf(b.value));
  return Variable.result('add', value, [a, b], (R) => [sumTo(R, a.shape), sumTo(R, b.shape)]);
}

/** Elementwise; equal shapes or one of them a single number. */
export function mul(a: Variable, b: Variable): Variable {
  const [x, y] = [a.value, b.value];
  return Variable.result(
    'mul',
    tf.mul(x, y),
    [a, b],
    (R) => [sumTo(tf.mul(R, y), a.shape), sumTo(tf.mul(R, x), b.shape)],
    [...(b.requiresGrad ? [a] : []), ...(a.requiresGrad ? [b] : [])],
  );
}

/** x·by */
export function scale(x: Variable, by: number): Variable {
  const times = (value: tf.Tensor) => tf.tidy(() => tf.mul(value, constant([by], [])));
  return Variable.result('scale', times(x.value), [x], (R) => [times(R)]);
}

/** Undoes broadcasting: the gradient of a broadcast operand is the sum over what it was broadcast along. */
function sumTo(R: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const missing = R.rank - shape.length;
  const axes = R.shape.flatMap((n, i) => (i < missing || (shape[i - missing] === 1 && n !== 1) ? [i] : []));
  return axes.length === 0 ? bounded(R.clone(), boundOf(R)) : tf.reshape(tf.sum(R, axes), [...shape]);
}
