import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { chain, leaf, rounded, stagesOf, tensor, twoMaps, twoUnits } from '../core/testing.js';
import { cam } from './cam.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const image = tensor([1, 1, 2, 2], [1, 2, 3, 6]); // A₁ = 1 2 3 6, A₂ = 2 1 0 0

it.each([
  { target: { class: 0 }, weights: [2, 4], map: [2 + 8, 4 + 4, 6, 12] },
  { target: { class: 1 }, weights: [1, -1], map: [1 - 2, 2 - 1, 3, 6] }, // no ReLU: negative values stay
  { target: { weights: [1, -2] }, weights: [0, 6], map: [12, 6, 0, 0] },
])('of $target: the weights of the target, times the maps', async ({ target, weights, map }) => {
  const stages = await stagesOf(cam, twoMaps(), image, { target });
  expect(Object.keys(stages)).toEqual(['logits', 'activations', 'weights', 'attribution']);
  expect(rounded(stages['activations']!)).toEqual([1, 2, 3, 6, 2, 1, 0, 0]);
  expect(rounded(stages['weights']!)).toEqual(weights);
  expect(stages['attribution']!.shape).toEqual([1, 1, 2, 2]);
  expect(rounded(stages['attribution']!)).toEqual(map);
});

it('the mean of the map, with the bias, is the logit', async () => {
  const { logits, attribution } = await stagesOf(cam, twoMaps(), image);
  const mean = rounded(attribution!).reduce((sum, value) => sum + value / 4, 0);
  expect(mean + 0.5).toBe(logits!.data[0]);
});

it('takes its layers by name too', async () => {
  const named = await stagesOf(cam, twoMaps(), image, { params: { layer: 'relu', linear: 'head' } });
  expect(named).toEqual(await stagesOf(cam, twoMaps(), image));
});

describe('refuses, naming the layer,', () => {
  it.each([
    {
      name: 'a layer whose average the linear layer is not given',
      params: { layer: 'conv' },
      message: 'is not the mean of "conv"',
      at: [1, 2, 3, 6],
    },
    { name: 'a layer without maps', params: { layer: 'flat' }, message: '"flat" gives 2 dimensions', at: [1, 2, 3, 6] },
  ])('$name', async ({ params, message, at }) => {
    await expect(stagesOf(cam, twoMaps(), tensor([1, 1, 2, 2], at), { params })).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringContaining(message) as string,
    });
  });

  it('a network that flattens its maps without averaging them', async () => {
    const flattening = chain(
      [1, 2, 2],
      { conv: leaf.conv(1, 1), flat: leaf.flatten, head: leaf.linear(4, 2) },
      {
        'conv.weight': tensor([1, 1, 1, 1], [1]),
        'conv.bias': tensor([1], [0]),
        'head.weight': tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8]),
      },
    );
    await expect(stagesOf(cam, flattening, image)).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringContaining('global average pooling') as string,
    });
  });

  it('a network without maps', async () => {
    await expect(stagesOf(cam, twoUnits([2, 1, 1]), tensor([1, 2, 1, 1], [1, 2]))).rejects.toMatchObject({
      code: 'bad-params',
    });
  });

  it.each([{ layer: 'rleu' }, { linear: 'haed' }])('a name that there is not: %j', async (params) => {
    await expect(stagesOf(cam, twoMaps(), image, { params })).rejects.toMatchObject({
      code: 'unknown-name',
      hint: expect.stringContaining('Did you mean') as string,
    });
  });
});
