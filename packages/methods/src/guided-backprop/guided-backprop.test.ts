import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { network, leaf, rounded, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { guidedBackprop } from './guided-backprop.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// f₀ = h₁ − 3h₂ sends R = (1, −3) to the ReLUs; only a positive gradient passes, and only where the unit is active.
it.each([
  { at: [1, 3], target: { class: 0 }, gradient: [0, 0] }, // h₁ is dead, R₂ is negative
  { at: [3, 1], target: { class: 0 }, gradient: [1, -1] },
  { at: [1, 3], target: { class: 1 }, gradient: [4, 2] }, // R = (−1, 2)
  { at: [-9, -9], target: { class: 1 }, gradient: [0, 0] },
])('of $target at $at', async ({ at, target, gradient }) => {
  const stages = await stagesOf(guidedBackprop, twoUnits([1, 1, 2]), tensor([1, 1, 1, 2], at), { target });
  expect(rounded(stages['gradient']!)).toEqual(gradient);
  expect(stages['attribution']).toEqual(stages['gradient']);
});

it('clips at each call of ReLU, not at the tensor that it reads: relu(x) + x has clip(R) + R', async () => {
  const skip = network(
    [1, 1, 2],
    {
      '': {
        type: 'Skip',
        inputs: ['x'],
        calls: [
          { name: 'r', op: 'relu', args: ['x'], attributes: { inplace: false } },
          { name: 's', op: 'add', args: ['r', 'x'], attributes: {} },
          { name: 'f', module: 'flat', args: ['s'] },
          { name: 'y', module: 'head', args: ['f'] },
        ],
        output: 'y',
      },
      flat: leaf.flatten,
      head: leaf.linear(2, 1),
    },
    { 'head.weight': tensor([1, 2], [5, -7]) },
  );
  const { gradient } = await stagesOf(guidedBackprop, skip, tensor([1, 1, 1, 2], [1, 1]));
  expect(rounded(gradient!)).toEqual([5 + 5, 0 - 7]);
});
