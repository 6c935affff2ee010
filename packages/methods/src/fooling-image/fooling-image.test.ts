import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Preprocess } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { chain, leaf, stagesOf, tensor } from '../core/testing.js';
import { foolingImage } from './fooling-image.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** f₀ = 3a + 4b and f₁ = 0: ∂f₀ = (3, 4), of length 5. Class 0 wins where 3a + 4b > 0. */
const line = (preprocess?: Preprocess) =>
  chain(
    [1, 1, 2],
    { flat: leaf.flatten, head: leaf.linear(2, 2) },
    { 'head.weight': tensor([2, 2], [3, 4, 0, 0]) },
    preprocess && { preprocess },
  );

it('climbs by the normalised gradient until the class is seen; each image stops on its own', async () => {
  // At (−2.7, −3.6) f₀ = −22.5, and each step adds 5. (1, 1) is class 0 already.
  const stages = await stagesOf(foolingImage, line(), tensor([2, 1, 1, 2], [-2.7, -3.6, 1, 1]), {
    target: { class: 0 },
  });
  expect(Object.keys(stages)).toEqual([
    'logits',
    'gradient',
    'image-1',
    'image-2',
    'image-3',
    'difference',
    'difference10',
    'steps',
    'attribution',
  ]);
  expect([...stages['steps']!.data]).toEqual([5, 0]);
  const near = (stage: string, values: number[]) =>
    values.forEach((value, i) => expect(stages[stage]!.data[i]).toBeCloseTo(value, 5));
  near('gradient', [3, 4, 3, 4]);
  near('image-1', [-2.1, -2.8, 1, 1]);
  near('image-3', [-0.9, -1.2, 1, 1]);
  near('difference', [1.8, 2.4, 0, 0]);
  near('attribution', [0.3, 0.4, 1, 1]);
});

it('a step has the length `rate`; it gives up after `steps`', async () => {
  const stages = await stagesOf(foolingImage, line(), tensor([1, 1, 1, 2], [-30, -40]), {
    target: { class: 0 },
    params: { rate: 5, steps: 4, compare: 1 },
  });
  expect([...stages['steps']!.data]).toEqual([4]);
  expect([...stages['attribution']!.data].map((value) => Number(value.toPrecision(5)))).toEqual([-18, -24]);
});

it('the ×10 image is grey where nothing changed, and clipped', async () => {
  // Without preprocessing one unit is the image's range, here 1: 0.5 + 10·(0.006, 0.008) and 0.5 + 10·0.8.
  const small = await stagesOf(foolingImage, line(), tensor([1, 1, 1, 2], [-1, 0]), {
    target: { class: 0 },
    params: { rate: 0.01, steps: 1, compare: 1 },
  });
  expect([...small['difference10']!.data].map((value) => Number(value.toFixed(5)))).toEqual([0.56, 0.58]);
  const large = await stagesOf(foolingImage, line(), tensor([1, 1, 1, 2], [-1, 0]), {
    target: { class: 0 },
    params: { compare: 1 },
  });
  expect([...large['difference10']!.data]).toEqual([1, 1]);
});

it.each<Partial<Preprocess>>([
  { mean: [0], std: [127.5] },
  { mean: [0], std: [0.5], scale: '0-1' },
])('the ×10 image is in pixels of [0,1], for %j: half a pixel to one unit', async (units) => {
  const preprocess = { resize: 1, crop: [1, 2] as [number, number], mean: [0], std: [1], ...units };
  const { difference10 } = await stagesOf(foolingImage, line(preprocess), tensor([1, 1, 1, 2], [-1, 0]), {
    target: { class: 0 },
    params: { rate: 0.01, steps: 1, compare: 1 },
  });
  expect([...difference10!.data].map((value) => Number(value.toFixed(5)))).toEqual([0.53, 0.54]);
});

it('the ×10 image is scaled by the range of each image, not of the batch; one that has none is no NaN', async () => {
  const x = [-1, 0, -40, 0, -2, -2];
  const { difference10 } = await stagesOf(foolingImage, line(), tensor([3, 1, 1, 2], x), {
    target: { class: 0 },
    params: { rate: 0.01, steps: 1, compare: 1 },
  });
  expect([...difference10!.data].map((value) => Number(value.toFixed(5)))).toEqual([
    0.56, 0.58, 0.5015, 0.502, 0.56, 0.58,
  ]);
});

it('a flat network gives no direction, and no NaN', async () => {
  const flat = chain(
    [1, 1, 2],
    { flat: leaf.flatten, head: leaf.linear(2, 2) },
    { 'head.weight': tensor([2, 2], [0, 0, 0, 0]) },
  );
  const { attribution } = await stagesOf(foolingImage, flat, tensor([1, 1, 1, 2], [1, 2]), {
    target: { class: 1 },
    params: { steps: 2 },
  });
  expect([...attribution!.data]).toEqual([1, 2]);
});

it.each([{ target: { weights: [1, 0] } }])('needs a class: $target is refused', async ({ target }) => {
  await expect(stagesOf(foolingImage, line(), tensor([1, 1, 1, 2], [1, 2]), { target })).rejects.toThrow(
    'needs a class',
  );
});
