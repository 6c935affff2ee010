import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { rounded, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { saliency } from './saliency.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// f₀ = relu(a − b) − 3·relu(2a + b): ∂f₀ is [h₁>0]·(1, −1) − 3·[h₂>0]·(2, 1).
it.each([
  { at: [1, 3], target: { class: 0 }, gradient: [-6, -3] }, // only h₂
  { at: [3, 1], target: { class: 0 }, gradient: [1 - 6, -1 - 3] }, // both
  { at: [1, 3], target: { class: 1 }, gradient: [4, 2] },
  { at: [3, 1], target: { weights: [1, 1] }, gradient: [0 - 2, 0 - 1] }, // f₀ + f₁ = −h₂
  { at: [-1, -3], target: { class: 0 }, gradient: [1, -1] }, // only h₁
  { at: [1, 1], target: { class: 0 }, gradient: [-6, -3] }, // h₁ at its switch point: relu'(0) = 0
])('the gradient of $target at $at', async ({ at, target, gradient }) => {
  const stages = await stagesOf(saliency, twoUnits([1, 1, 2]), tensor([1, 1, 1, 2], at), {
    target,
    params: { reduce: 'none' },
  });
  expect(Object.keys(stages)).toEqual(['logits', 'gradient', 'attribution']);
  expect(rounded(stages['gradient']!)).toEqual(gradient);
  expect(stages['attribution']).toEqual(stages['gradient']);
});

it('is of the logit: the logits are a stage', async () => {
  const { logits } = await stagesOf(saliency, twoUnits([1, 1, 2]), tensor([1, 1, 1, 2], [3, 1]));
  expect(logits).toEqual(tensor([1, 2], [2 - 21, -2 + 14]));
});

// The same two inputs as two channels of one pixel.
it.each([
  { reduce: undefined, shape: [1, 1, 1, 1], attribution: [5] },
  { reduce: 'abs-max', shape: [1, 1, 1, 1], attribution: [5] },
  { reduce: 'abs-sum', shape: [1, 1, 1, 1], attribution: [9] },
  { reduce: 'none', shape: [1, 2, 1, 1], attribution: [-5, -4] },
])('reduce $reduce over channels', async ({ reduce, shape, attribution }) => {
  const stages = await stagesOf(saliency, twoUnits([2, 1, 1]), tensor([1, 2, 1, 1], [3, 1]), {
    params: reduce ? { reduce } : {},
  });
  expect(stages['attribution']!.shape).toEqual(shape);
  expect(rounded(stages['attribution']!)).toEqual(attribution);
});
