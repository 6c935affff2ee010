import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { Variable } from '../autograd/variable.js';
import { opExamples } from '../modules/ops/examples.js';
import { bounded, boundOf } from '../ops/magnitude.js';
import { withGradient } from '../testing.js';
import * as F from './functional.js';
import type { Formula } from './pointwise.js';

beforeAll(() => tf.setBackend('cpu'));

const calls = opExamples.flatMap(({ op, attributes }) => {
  const formula = (F.formulas as Partial<Record<string, Formula<unknown>>>)[op];
  return formula ? [{ op, attributes, formula }] : [];
});

it.each(calls)('the bounds of $op $attributes hold for values and gradients', ({ op, attributes, formula }) => {
  tf.tidy(() => {
    for (const limit of [0.125, 1, 8, 100]) {
      const x = bounded(tf.linspace(-limit, limit, 201), limit);
      const R = bounded(tf.mul(tf.onesLike(x), -3), 3);
      const { y, gradient } = withGradient((v) => F.pointwise(op, formula, v, attributes), x, R);
      for (const tensor of [y, gradient].filter((each) => boundOf(each) < Infinity))
        expect(tf.max(tf.abs(tensor)).dataSync()[0]!).toBeLessThanOrEqual(boundOf(tensor) * (1 + 1e-6));
    }
  });
});

it('without a bound of x, nothing is declared: y may be NaN', () => {
  tf.tidy(() => {
    for (const { op, attributes, formula } of calls)
      expect(boundOf(F.pointwise(op, formula, Variable.leaf(tf.tensor1d([NaN])), attributes).value), op).toBe(Infinity);
  });
});
