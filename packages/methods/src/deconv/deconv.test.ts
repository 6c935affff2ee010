import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { rounded, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { deconv } from './deconv.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// f₀ = h₁ − 3h₂ sends R = (1, −3) to the ReLUs; deconv passes (1, 0) on, whatever x is: 1·(1, −1).
it.each([
  { at: [1, 3], target: { class: 0 }, gradient: [1, -1] },
  { at: [3, 1], target: { class: 0 }, gradient: [1, -1] },
  { at: [1, 3], target: { class: 1 }, gradient: [4, 2] }, // R = (−1, 2) → (0, 2)
  { at: [-9, -9], target: { class: 1 }, gradient: [4, 2] }, // both units dead: the answer is the same
])('of $target at $at', async ({ at, target, gradient }) => {
  const stages = await stagesOf(deconv, twoUnits([1, 1, 2]), tensor([1, 1, 1, 2], at), { target });
  expect(rounded(stages['gradient']!)).toEqual(gradient);
  expect(stages['attribution']).toEqual(stages['gradient']);
});
