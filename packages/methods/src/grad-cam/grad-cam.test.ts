import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { chain, leaf, rounded, stagesOf, tensor, twoMaps, twoUnits } from '../core/testing.js';
import { gradCam } from './grad-cam.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const image = tensor([1, 1, 2, 2], [1, 2, 3, 6]); // A₁ = 1 2 3 6, A₂ = 2 1 0 0

// Behind global average pooling g is the head's weight / 4 at every pixel, and so is its mean α.
it.each([
  {
    name: 'class 0',
    target: { class: 0 },
    alpha: [0.5, 1],
    map: [0.5 + 2, 1 + 1, 1.5, 3],
    normalised: [2.5 / 3, 2 / 3, 0.5, 1],
  },
  {
    name: 'class 1: the ReLU cuts what is negative',
    target: { class: 1 },
    alpha: [0.25, -0.25],
    map: [0, 0.25, 0.75, 1.5],
    normalised: [0, 1 / 6, 0.5, 1],
  },
  {
    name: 'a negative target: a map of zeros stays zero',
    target: { weights: [-1, 0] },
    alpha: [-0.5, -1],
    map: [0, 0, 0, 0],
    normalised: [0, 0, 0, 0],
  },
])('$name', async ({ target, alpha, map, normalised }) => {
  const stages = await stagesOf(gradCam, twoMaps(), image, { target, params: { layer: 'relu' } });
  expect(Object.keys(stages)).toEqual([
    'logits',
    'activations',
    'gradient',
    'weights',
    'map',
    'normalised',
    'attribution',
  ]);
  expect(rounded(stages['activations']!)).toEqual([1, 2, 3, 6, 2, 1, 0, 0]);
  expect(rounded(stages['gradient']!)).toEqual(alpha.flatMap((value) => [value, value, value, value]));
  expect(stages['weights']).toEqual(tensor([1, 2], alpha));
  expect(rounded(stages['map']!)).toEqual(map);
  expect(rounded(stages['normalised']!)).toEqual(normalised.map((value) => Number(value.toPrecision(6))));
  expect(stages['attribution']).toEqual(stages['normalised']); // the map is as large as the image
});

it('α is the mean over space: behind a flattening head g differs from pixel to pixel', async () => {
  const flattening = chain(
    [1, 1, 2],
    { conv: leaf.conv(1, 1), flat: leaf.flatten, head: leaf.linear(2, 1) },
    {
      'conv.weight': tensor([1, 1, 1, 1], [2]),
      'conv.bias': tensor([1], [0]),
      'head.weight': tensor([1, 2], [1, 5]),
    },
  );
  const { gradient, weights, map } = await stagesOf(gradCam, flattening, tensor([1, 1, 1, 2], [10, 1]));
  expect(rounded(gradient!)).toEqual([1, 5]);
  expect(rounded(weights!)).toEqual([3]);
  expect(rounded(map!)).toEqual([60, 6]); // HiResCAM would give 20 and 10
});

it('is enlarged with half-pixel centres', async () => {
  const pooled = chain(
    [1, 1, 8],
    { pool: leaf.maxPool(1, 4), average: leaf.average, flat: leaf.flatten, head: leaf.linear(1, 1) },
    { 'head.weight': tensor([1, 1], [1]) },
  );
  const { map, attribution } = await stagesOf(gradCam, pooled, tensor([1, 1, 1, 8], [0, 0, 0, 0, 1, 1, 1, 1]));
  expect(map!.shape).toEqual([1, 1, 1, 2]);
  expect(rounded(attribution!)).toEqual([0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1]);
});

it('A is the output at the moment the layer returns, also before an in-place ReLU', async () => {
  const inplace = chain(
    [1, 1, 2],
    {
      conv: leaf.conv(1, 1),
      relu: leaf.reluInplace,
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(1, 1),
    },
    {
      'conv.weight': tensor([1, 1, 1, 1], [1]),
      'conv.bias': tensor([1], [0]),
      'head.weight': tensor([1, 1], [2]),
    },
  );
  const { activations, gradient } = await stagesOf(gradCam, inplace, tensor([1, 1, 1, 2], [-3, 4]), {
    params: { layer: 'conv' },
  });
  expect(rounded(activations!)).toEqual([-3, 4]);
  expect(rounded(gradient!)).toEqual([0, 1]);
});

it('divides by the maximum of each image, not of the batch', async () => {
  const { normalised } = await stagesOf(gradCam, twoMaps(), tensor([2, 1, 2, 2], [1, 2, 3, 6, 10, 20, 30, 60]), {
    params: { layer: 'relu' },
  });
  const tops = [0, 1].map((i) => Math.max(...normalised!.data.subarray(i * 4, i * 4 + 4)));
  expect(tops).toEqual([1, 1]);
});

describe('refuses', () => {
  it.each([
    {
      name: 'a layer that gives no maps',
      params: { layer: 'head' },
      error: { code: 'bad-params', message: expect.stringContaining('"head" gives [') as string },
    },
    {
      name: 'a layer that there is not',
      params: { layer: 'rleu' },
      error: { code: 'unknown-name', hint: expect.stringContaining('"relu"') as string },
    },
  ])('$name', async ({ params, error }) => {
    await expect(stagesOf(gradCam, twoMaps(), image, { params })).rejects.toMatchObject(error);
  });

  it('a network without maps, with the remedy', async () => {
    await expect(stagesOf(gradCam, twoUnits([2, 1, 1]), tensor([1, 2, 1, 1], [1, 2]))).rejects.toMatchObject({
      code: 'bad-params',
      hint: expect.stringContaining('layer=') as string,
    });
  });
});
