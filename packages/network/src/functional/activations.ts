/**
 * Functions of each value on its own, as formulas: what they compute, and their derivative as in PyTorch's
 * derivatives.yaml and the backward kernels of ATen (Activation.cpp), at switch points too. One row each.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { OpAttributes, OpName } from '@touchstone/contract';
import * as e from '../ops/elementary.js';
import type { Variable } from '../autograd/variable.js';
import { pointwise, type Formula } from './pointwise.js';

const { choose, number } = e;
const { sqrt, PI, LN2 } = Math;

const plus = (x: tf.Tensor, value: number): tf.Tensor => tf.add(x, number(value));
const times = (x: tf.Tensor, value: number): tf.Tensor => tf.mul(x, number(value));
const oneMinus = (x: tf.Tensor): tf.Tensor => tf.sub(number(1), x);
/** 1 where the condition does not hold, else 0. */
const unless = (condition: tf.Tensor): tf.Tensor => oneMinus(e.indicator(condition));

const nonlinearities = {
  sigmoid: {
    value: (x) => tf.sigmoid(x),
    derivative: (_, y) => tf.mul(y, oneMinus(y)),
    saves: 'output',
    bounds: () => [0.5, 0.25],
  },
  tanh: {
    value: (x) => tf.tanh(x),
    derivative: (_, y) => oneMinus(tf.square(y)),
    saves: 'output',
    bounds: () => [0, 1],
  },
  /** x·σ(x) */
  silu: {
    value: (x) => tf.mul(x, tf.sigmoid(x)),
    derivative: (x) => {
      const s = tf.sigmoid(x);
      return tf.mul(s, plus(tf.mul(x, oneMinus(s)), 1));
    },
    saves: 'input',
    bounds: () => [0, 1.1],
  },
  /** x·min(max(x + 3, 0), 6)/6; its derivative is 0 at −3 and 1 at 3. */
  hardswish: {
    value: (x) => times(tf.mul(x, e.clip(plus(x, 3), 0, 6)), 1 / 6),
    derivative: (x) => choose(e.isAtMost(x, -3), 0, choose(e.isAtLeast(x, 3), 1, plus(times(x, 1 / 3), 0.5))),
    saves: 'input',
    bounds: () => [0, 1.5],
  },
  /** min(max(x + 3, 0), 6)/6. PyTorch's derivative is the float32 nearest to 1/6, also in double precision. */
  hardsigmoid: {
    value: (x) => times(e.clip(plus(x, 3), 0, 6), 1 / 6),
    derivative: (x) => times(isBetween(x, -3, 3), Math.fround(1 / 6)),
    saves: 'input',
    bounds: () => [0.5, 0.17],
  },
  /** x·tanh(softplus(x)) */
  mish: {
    value: (x) => tf.mul(x, tanhOfSoftplus(x)),
    derivative: (x) => {
      const t = tanhOfSoftplus(x);
      return tf.add(t, tf.mul(tf.mul(x, tf.sigmoid(x)), oneMinus(tf.square(t))));
    },
    saves: 'input',
    bounds: () => [0, 1.1],
  },
  logsigmoid: {
    value: (x) => tf.neg(e.softplus(tf.neg(x))),
    derivative: (x) => tf.sigmoid(tf.neg(x)),
    saves: 'input',
    bounds: () => [LN2, 1],
  },
  erf: {
    value: (x) => e.erf(x),
    derivative: (x) => times(tf.exp(tf.neg(tf.square(x))), 2 / sqrt(PI)),
    saves: 'input',
    bounds: () => [0, 1.13],
  },
  /** x·Φ(x), or the approximation of Hendrycks and Gimpel 2016 by tanh. */
  gelu: {
    value: (x, { approximate }) => tf.mul(x, approximate === 'tanh' ? aboutNormal(x) : normal(x)),
    derivative: (x, _, { approximate }) => {
      if (approximate === 'none')
        return tf.add(normal(x), tf.mul(x, times(tf.exp(times(tf.square(x), -0.5)), 1 / sqrt(2 * PI))));
      const t = tf.tanh(normalArgument(x));
      const inner = times(plus(times(tf.square(x), 3 * CUBIC), 1), sqrt(2 / PI));
      const right = tf.mul(tf.mul(times(x, 0.5), oneMinus(tf.square(t))), inner);
      return tf.add(times(plus(t, 1), 0.5), right);
    },
    saves: 'input',
    bounds: () => [0, 1.13],
  },
  softplus: {
    value: (x, { beta, threshold }) =>
      choose(e.isAbove(times(x, beta), threshold), x, times(e.softplus(times(x, beta)), 1 / beta)),
    derivative: (x, _, { beta, threshold }) =>
      choose(e.isAbove(times(x, beta), threshold), 1, tf.sigmoid(times(x, beta))),
    saves: 'input',
    bounds: ({ beta }) => [LN2 / beta, 1],
  },
} satisfies Formulas;

/** The derivative at 0 is that of the negative side. */
const piecewise = {
  leaky_relu: {
    value: (x, { negativeSlope }) => choose(e.isAbove(x, 0), x, times(x, negativeSlope)),
    derivative: (x, _, { negativeSlope }) => choose(e.isAbove(x, 0), 1, tf.fill(x.shape, negativeSlope)),
    saves: 'input',
    bounds: ({ negativeSlope }) => [0, Math.max(1, Math.abs(negativeSlope))],
  },
  elu: exponential(({ alpha }: { alpha: number }) => ({ alpha, scale: 1, rate: 1 })),
  celu: exponential(({ alpha }: { alpha: number }) => ({ alpha, scale: 1, rate: 1 / alpha })),
  /** Klambauer et al. 2017 */
  selu: exponential(() => ({ alpha: 1.6732632423543772, scale: 1.0507009873554805, rate: 1 })),
  /** The derivative is 0 at both limits, and 1 at NaN. */
  hardtanh: {
    value: (x, { minVal, maxVal }) => e.clip(x, minVal, maxVal),
    derivative: (x, _, { minVal, maxVal }) => unless(tf.logicalOr(e.isAtMost(x, minVal), e.isAtLeast(x, maxVal))),
    saves: 'input',
    bounds: ({ minVal, maxVal }) => [Math.max(Math.abs(minVal), Math.abs(maxVal)), 1],
  },
  /** The derivative is 0 at both limits (since PyTorch 2.15), and at NaN. */
  clamp: {
    value: (x, { min, max }) => e.clip(x, min, max),
    derivative: (x, _, { min, max }) => isBetween(x, min, max),
    saves: 'input',
    bounds: ({ min, max }) => [Math.max(Math.abs(min ?? 0), Math.abs(max ?? 0)), 1],
  },
  threshold: {
    value: (x, { threshold, value }) => choose(e.isAtMost(x, threshold), value, x),
    derivative: (x, _, { threshold }) => unless(e.isAtMost(x, threshold)),
    saves: 'input',
    bounds: ({ value }) => [Math.abs(value), 1],
  },
  /** The derivative is 0 at 0, and at NaN. */
  abs: {
    value: (x) => tf.abs(x),
    derivative: (x) => tf.sub(e.indicator(e.isAbove(x, 0)), e.indicator(e.isBelow(x, 0))),
    saves: 'input',
    bounds: () => [0, 1],
  },
} satisfies Formulas;

const powers = {
  exp: { value: (x) => tf.exp(x), derivative: (_, y) => y, saves: 'output' },
  log: { value: (x) => tf.log(x), derivative: (x) => tf.reciprocal(x), saves: 'input' },
  sqrt: { value: (x) => tf.sqrt(x), derivative: (_, y) => tf.div(number(0.5), y), saves: 'output' },
  rsqrt: { value: (x) => tf.rsqrt(x), derivative: (_, y) => times(e.power(y, 3), -0.5), saves: 'output' },
  pow: {
    value: (x, { exponent }) => e.power(x, exponent),
    derivative: (x, _, { exponent }) => (exponent === 0 ? tf.zerosLike(x) : times(e.power(x, exponent - 1), exponent)),
    saves: 'input',
  },
} satisfies Formulas;

type Formulas = { readonly [T in OpName]?: Formula<OpAttributes<T>> };

export const formulas = { ...nonlinearities, ...piecewise, ...powers };

/** |x|; its gradient at 0 is 0. */
export function abs(x: Variable): Variable {
  return pointwise('abs', formulas.abs, x, {});
}

/** scale·x for x > 0, else scale·alpha·(e^(rate·x) − 1). */
function exponential<Attributes>(
  constants: (attributes: Attributes) => { readonly alpha: number; readonly scale: number; readonly rate: number },
): Formula<Attributes> {
  return {
    value: (x, attributes) => {
      const { alpha, scale, rate } = constants(attributes);
      return choose(e.isAtMost(x, 0), times(e.expm1(times(x, rate)), scale * alpha), times(x, scale));
    },
    derivative: (x, _, attributes) => {
      const { alpha, scale, rate } = constants(attributes);
      return choose(e.isAtMost(x, 0), times(tf.exp(times(x, rate)), scale * alpha * rate), scale);
    },
    saves: 'input',
    bounds: (attributes) => {
      const { alpha, scale, rate } = constants(attributes);
      return rate > 0 ? [0, scale * Math.max(1, Math.abs(alpha * rate))] : [Infinity, Infinity];
    },
  };
}

/** 1 where min < x < max, else 0; null is no limit. */
function isBetween(x: tf.Tensor, min: number | null, max: number | null): tf.Tensor {
  const inside = [...(min === null ? [] : [e.isAbove(x, min)]), ...(max === null ? [] : [e.isBelow(x, max)])];
  if (inside.length === 0) return tf.onesLike(x);
  return e.indicator(inside.reduce((a, b) => tf.logicalAnd(a, b)));
}

/** tanh(log(1 + e^x)) by z = e^−|x| ≤ 1: (1 + 2z)/(1 + 2z + 2z²), for x < 0 (z² + 2z)/(z² + 2z + 2). */
function tanhOfSoftplus(x: tf.Tensor): tf.Tensor {
  const z = tf.exp(tf.neg(tf.abs(x)));
  const isNegative = e.isBelow(x, 0);
  const numerator = choose(isNegative, tf.mul(z, plus(z, 2)), plus(times(z, 2), 1));
  const more = choose(isNegative, 2, times(tf.square(z), 2));
  return tf.div(numerator, tf.add(numerator, more));
}

/** Φ(x), the distribution function of the normal distribution. */
function normal(x: tf.Tensor): tf.Tensor {
  return times(plus(e.erf(times(x, Math.SQRT1_2)), 1), 0.5);
}

const CUBIC = 0.044715;

/** Φ(x) about: (1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 */
function aboutNormal(x: tf.Tensor): tf.Tensor {
  return times(plus(tf.tanh(normalArgument(x)), 1), 0.5);
}

function normalArgument(x: tf.Tensor): tf.Tensor {
  return times(tf.add(x, times(tf.mul(tf.square(x), x), CUBIC)), sqrt(2 / PI));
}
