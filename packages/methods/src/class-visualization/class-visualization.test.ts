import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Preprocess } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { chain, leaf, smallNet, stagesOf, tensor } from '../core/testing.js';
import { classVisualization } from './class-visualization.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// Pixels 0 and 255 are −10 and 10 to this network.
const preprocess = { resize: 2, crop: [2, 3] as [number, number], mean: [127.5], std: [12.75] };
/** f₀ = Σ w·x over an image of 2×3. */
const weighted = (how: Preprocess = preprocess) =>
  chain(
    [1, 2, 3],
    { flat: leaf.flatten, head: leaf.linear(6, 1) },
    { 'head.weight': tensor([1, 6], [1, 2, 3, 4, 5, 6]) },
    { preprocess: how },
  );
const start = tensor([1, 1, 2, 3], [1, 0, 0, 0, 0, 2]);
const x = tensor([1, 1, 2, 3], [0, 0, 0, 0, 0, 0]);
/** So narrow that the kernel is one pixel. */
const noBlur = { sigma: 0.01 };
const image = (stages: Record<string, { data: ArrayLike<number> }>, name = 'attribution') =>
  Array.from(stages[name]!.data, (value) => Number(value.toPrecision(5)) + 0);

describe('one step', () => {
  it('is clamped to the same pixels where mean and std are in units of 0–1', async () => {
    const request = {
      params: { steps: 1, rate: 9, compare: 1, ...noBlur },
      fixtures: { start, jitter: tensor([1, 2], [0, 0]) },
    };
    const levels = await stagesOf(classVisualization, weighted(), x, request);
    const unit = weighted({ ...preprocess, scale: '0-1', mean: [0.5], std: [0.05] });
    expect(image(await stagesOf(classVisualization, unit, x, request))).toEqual(image(levels));
    expect(Math.max(...image(levels))).toBe(10);
  });

  it.each([
    // (oy, ox) = (0, 0): x + 2·(w − 2·0.1·x)
    { jitter: [0, 0], expected: [1 + 2 * (1 - 0.2), 4, 6, 8, 10, 10] },
    // one to the right: pixel (i, j) is climbed with the weight of (i, j + 1)
    { jitter: [0, 1], expected: [1 + 2 * (2 - 0.2), 6, 2, 10, 10, 2 + 2 * (4 - 0.4)] },
    // one down, two to the left
    { jitter: [1, -2], expected: [1 + 2 * (5 - 0.2), 10, 8, 4, 6, 2 + 2 * (1 - 0.4)] },
  ])('shifted by $jitter it wraps around, and is clamped after shifting back', async ({ jitter, expected }) => {
    const stages = await stagesOf(classVisualization, weighted(), x, {
      params: { steps: 1, rate: 2, decay: 0.1, compare: 1, ...noBlur },
      fixtures: { start, jitter: tensor([1, 2], jitter) },
    });
    expect(Object.keys(stages)).toEqual(['logits', 'gradient', 'image-1', 'attribution']);
    expect(image(stages)).toEqual(
      expected.map((value) => Math.min(value, 10)).map((value) => Number(value.toPrecision(5))),
    );
  });

  it('the gradient is of the objective, at the shifted start', async () => {
    const stages = await stagesOf(classVisualization, weighted(), x, {
      params: { steps: 1, decay: 0.1, ...noBlur },
      fixtures: { start, jitter: tensor([1, 2], [0, 1]) },
    });
    expect(image(stages, 'gradient')).toEqual([1, 2 - 0.2, 3, 4 - 0.4, 5, 6]);
  });
});

it('blurs the first step and every tenth after it', async () => {
  const flat = () =>
    chain(
      [1, 2, 3],
      { flat: leaf.flatten, head: leaf.linear(6, 1) },
      { 'head.weight': tensor([1, 6], [0, 0, 0, 0, 0, 0]) },
      { preprocess },
    );
  const after = async (steps: number) =>
    image(
      await stagesOf(classVisualization, flat(), x, {
        params: { steps, decay: 0, jitter: 0, blurEvery: 3, compare: 1 },
        fixtures: { start },
      }),
    );
  const [one, three, four] = [await after(1), await after(3), await after(4)];
  expect(one).not.toEqual(image({ attribution: start }));
  expect(three).toEqual(one);
  expect(four).not.toEqual(one);
});

it('draws the same start and jitter again from the same seed', async () => {
  const image = tensor(
    [2, 3, 5, 6],
    Array.from({ length: 180 }, () => 0),
  );
  const run = (seed: number) =>
    stagesOf(classVisualization, smallNet(), image, {
      target: { class: [0, 2] },
      params: { steps: 4, rate: 0.1, jitter: 2, seed },
    });
  const once = await run(1);
  expect(await run(1)).toEqual(once);
  expect((await run(2))['attribution']).not.toEqual(once['attribution']);
});

it.each([
  {
    what: 'a network without preprocessing',
    net: () =>
      chain(
        [1, 2, 3],
        { flat: leaf.flatten, head: leaf.linear(6, 1) },
        { 'head.weight': tensor([1, 6], [1, 2, 3, 4, 5, 6]) },
      ),
    fixtures: {},
    message: 'how pixels become its input',
  },
  {
    what: 'too few jitters',
    net: weighted,
    fixtures: { jitter: tensor([1, 2], [0, 0]) },
    message: 'expected [steps,2] = [100,2]',
  },
  {
    what: 'a jitter that is too far',
    net: weighted,
    fixtures: {
      jitter: tensor(
        [100, 2],
        Array.from({ length: 200 }, () => 17),
      ),
    },
    message: 'integers from −16 to 16',
  },
  {
    what: 'a start of another shape',
    net: weighted,
    fixtures: { start: tensor([1, 1, 3, 2], [1, 2, 3, 4, 5, 6]) },
    message: 'start has shape [1,1,3,2]',
  },
])('refuses $what', async ({ net, fixtures, message }) => {
  await expect(stagesOf(classVisualization, net(), x, { fixtures })).rejects.toThrow(message);
});
