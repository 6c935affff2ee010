/**
 * Functions of single values with float32's accuracy on every backend (double precision where the backend has it), NaN
 * where x is NaN, and finite wherever the function is. TF.js's own erf, log1p and expm1 are less accurate, and its
 * minimum, maximum and clip lose NaN on some backends.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { constant } from '../layout.js';

/** A scalar that no backend rounds more than its numbers. */
export function number(value: number): tf.Tensor {
  return constant([value], []);
}

/** `yes` where the condition holds, else `no`; both are tensors of its shape, or numbers. Any number of dimensions. */
export function choose(condition: tf.Tensor, yes: tf.Tensor | number, no: tf.Tensor | number): tf.Tensor {
  // WebGL's kernel has at most four dimensions.
  const shape = condition.rank > 4 ? [condition.size] : condition.shape;
  const [whether, ...values] = [condition, yes, no].map((value) =>
    typeof value === 'number' ? tf.fill(shape, value) : tf.reshape(value, shape),
  );
  return tf.reshape(tf.where(whether!, values[0]!, values[1]!), condition.shape);
}

/** 1 where the condition holds, else 0. On WebGPU `tf.cast` would leave integers, which some kernels do not take. */
export function indicator(condition: tf.Tensor): tf.Tensor {
  return choose(condition, 1, 0);
}

export const isBelow = (x: tf.Tensor, limit: number): tf.Tensor => tf.less(x, number(limit));
export const isAbove = (x: tf.Tensor, limit: number): tf.Tensor => tf.greater(x, number(limit));
export const isAtMost = (x: tf.Tensor, limit: number): tf.Tensor => tf.lessEqual(x, number(limit));
export const isAtLeast = (x: tf.Tensor, limit: number): tf.Tensor => tf.greaterEqual(x, number(limit));

/** Where `min` > `max`, `max` everywhere, as in PyTorch. */
export function clip(x: tf.Tensor, min: number | null, max: number | null): tf.Tensor {
  const raised = min === null ? x : choose(isBelow(x, min), min, x);
  return max === null ? raised.clone() : choose(isAbove(raised, max), max, raised);
}

/** e^x − 1 = tanh(x/2)·(e^x + 1), without cancellation at 0. */
export function expm1(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.tanh(tf.mul(x, number(0.5))), tf.add(tf.exp(x), number(1)));
}

/**
 * log(1 + z) for z ≥ 0, also where 1 + z is rounded: z·log(u)/(u − 1) with u = 1 + z. Kahan; Goldberg 1991, theorem 4.
 */
export function log1p(z: tf.Tensor): tf.Tensor {
  const u = tf.add(z, number(1));
  const rounded = tf.sub(u, number(1));
  const isLost = tf.equal(rounded, number(0));
  return choose(isLost, z, tf.div(tf.mul(z, tf.log(u)), choose(isLost, 1, rounded)));
}

/** log(1 + e^x) */
export function softplus(x: tf.Tensor): tf.Tensor {
  return tf.add(clip(x, 0, null), log1p(tf.exp(tf.neg(tf.abs(x)))));
}

/** x^exponent; small whole and half exponents by products and roots, as in PyTorch. */
export function power(x: tf.Tensor, exponent: number): tf.Tensor {
  if (exponent < 0 && Number.isInteger(exponent) && exponent >= -4)
    return tf.reciprocal(exponent === -1 ? x : power(x, -exponent));
  switch (exponent) {
    case 0:
      return tf.onesLike(x);
    case 1:
      return x.clone();
    case 2:
      return tf.square(x);
    case 3:
      return tf.mul(tf.square(x), x);
    case 4:
      return tf.square(tf.square(x));
    case 0.5:
      return tf.sqrt(x);
    case -0.5:
      return tf.rsqrt(x);
    default:
      return tf.pow(x, number(exponent));
  }
}

/** Cephes' erff (Moshier) for |x| ≤ 1: erf(x) = x·P(x²), highest power first. */
const erfNearZero = [
  7.853861353153693e-5, -8.010193625184903e-4, 5.188327685732524e-3, -2.685381193529856e-2, 1.128358514861418e-1,
  -3.7612625824233e-1, 1.12837916572671,
];
/**
 * For |x| > 1: erf(|x|) = 1 − t·Q(t)·e^(−x²) with t = 1/(1 + 0.4·|x|), the form of Abramowitz and Stegun 7.1.26;
 * coefficients by least squares, reweighted to the smallest maximum: |error| ≤ 3e-8 without rounding.
 */
const erfFurther = [0.6220826603718044, -0.2197551084634673, 0.39790746603731064, 0.1998107212893839];

export function erf(x: tf.Tensor): tf.Tensor {
  if ((tf.backend() as BackendTraits).hasAccurateErf) return tf.erf(x);
  const [magnitude, square] = [tf.abs(x), tf.square(x)];
  const near = tf.mul(x, polynomial(square, erfNearZero));
  const t = tf.reciprocal(tf.add(tf.mul(magnitude, number(0.4)), number(1)));
  const rest = tf.mul(tf.mul(t, polynomial(t, erfFurther)), tf.exp(tf.neg(square)));
  const far = tf.mul(tf.sign(x), tf.sub(number(1), rest));
  return choose(isAbove(magnitude, 1), far, near);
}

/** By Horner's rule, highest power first. */
function polynomial(x: tf.Tensor, [first, second, ...rest]: readonly number[]): tf.Tensor {
  let sum = tf.add(tf.mul(x, number(first!)), number(second!));
  for (const coefficient of rest) sum = tf.add(tf.mul(sum, x), number(coefficient));
  return sum;
}
