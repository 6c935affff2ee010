/** Functions of two values, elementwise, with broadcasting. */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { constant } from '../layout.js';
import { choose, indicator, number } from '../ops/elementary.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';
import { broadcasting } from './broadcasting.js';

const itself = (R: tf.Tensor): tf.Tensor => R;

export function add(a: Variable, b: Variable): Variable {
  const y = broadcasting('add', [a, b], tf.add, [itself, itself]);
  bounded(y.value, usefulBoundOf(a.value) + usefulBoundOf(b.value));
  return y;
}

export function sub(a: Variable, b: Variable): Variable {
  const y = broadcasting('sub', [a, b], tf.sub, [itself, (R) => tf.neg(R)]);
  bounded(y.value, boundOf(a.value) + boundOf(b.value));
  return y;
}

export function mul(a: Variable, b: Variable): Variable {
  const saves = [...(b.requiresGrad ? [a] : []), ...(a.requiresGrad ? [b] : [])];
  const y = broadcasting('mul', [a, b], tf.mul, [(R, _, y) => tf.mul(R, y), (R, x) => tf.mul(R, x)], saves);
  bounded(y.value, productOf(boundOf(a.value), boundOf(b.value)));
  return y;
}

export function div(a: Variable, b: Variable): Variable {
  return broadcasting(
    'div',
    [a, b],
    tf.div,
    [(R, _, y) => tf.div(R, y), (R, x, y) => tf.mul(tf.neg(R), tf.div(tf.div(x, y), y))],
    [...(b.requiresGrad ? [a] : []), b],
  );
}

/** The larger one, NaN where one is; equal values share the gradient. */
export function maximum(a: Variable, b: Variable): Variable {
  return extremum('maximum', a, b, tf.less);
}

/** The smaller one, NaN where one is; equal values share the gradient. */
export function minimum(a: Variable, b: Variable): Variable {
  return extremum('minimum', a, b, tf.greater);
}

/** @param loses whether its first argument is not the result */
function extremum(
  name: string,
  a: Variable,
  b: Variable,
  loses: (one: tf.Tensor, other: tf.Tensor) => tf.Tensor,
): Variable {
  // 1 of the winner, ½ of equal values; as in PyTorch, 1 of both where one is NaN.
  const share = (one: tf.Tensor, other: tf.Tensor): tf.Tensor => {
    const lost = indicator(loses(one, other));
    return tf.sub(number(1), tf.add(lost, tf.mul(indicator(tf.equal(one, other)), number(0.5))));
  };
  const value = (x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
    const isSecond = loses(x, y);
    const sum = tf.add(x, y); // NaN where one is; not used elsewhere
    const [first, second] = [x, y].map((operand) => tf.broadcastTo(operand, sum.shape)) as [tf.Tensor, tf.Tensor];
    const isComparable = tf.logicalOr(isSecond, tf.logicalOr(tf.equal(x, y), loses(y, x)));
    return choose(isComparable, choose(isSecond, second, first), sum);
  };
  const y = broadcasting(
    name,
    [a, b],
    value,
    [(R, one, other) => tf.mul(R, share(one, other)), (R, one, other) => tf.mul(R, share(other, one))],
    [a, b],
  );
  bounded(y.value, Math.max(boundOf(a.value), boundOf(b.value)));
  return y;
}

/** x·by */
export function scale(x: Variable, by: number): Variable {
  const times = (value: tf.Tensor) => tf.tidy(() => tf.mul(value, constant([by], [])));
  return Variable.result('scale', times(x.value), [x], (R) => [times(R)]);
}

/** Of |x·y|; 0 times an unknown bound is unknown. */
function productOf(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : a * b;
}
