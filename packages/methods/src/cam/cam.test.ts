import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { chain, leaf, network, rounded, stagesOf, tensor, twoMaps, twoUnits } from '../core/testing.js';
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

it('accepts maps of zeros, whose mean is 0', async () => {
  const net = chain(
    [1, 2, 2],
    { relu: leaf.relu, average: leaf.average, flat: leaf.flatten, head: leaf.linear(1, 1) },
    { 'head.weight': tensor([1, 1], [1]) },
  );
  const { attribution } = await stagesOf(cam, net, tensor([1, 1, 2, 2], [-1, -2, 0, -3]));
  expect(rounded(attribution!)).toEqual([0, 0, 0, 0]);
});

/** conv → relu → average → flat → first → second; `idle` and `spare` are never called. */
function twoLinears() {
  const calls = ['conv', 'relu', 'average', 'flat', 'first', 'second'].map((module, i) => ({
    name: `v${i + 1}`,
    module,
    args: [`v${i}`],
  }));
  const modules = {
    '': { type: 'Net', inputs: ['v0'], calls, output: 'v6' },
    conv: leaf.conv(1, 1),
    relu: leaf.relu,
    average: leaf.average,
    flat: leaf.flatten,
    first: leaf.linear(1, 3),
    second: leaf.linear(3, 2),
    idle: leaf.relu,
    spare: leaf.linear(1, 2),
  };
  return network([1, 2, 2], modules, {
    'conv.weight': tensor([1, 1, 1, 1], [1]),
    'conv.bias': tensor([1], [0]),
    'first.weight': tensor([3, 1], [1, 2, 3]),
    'second.weight': tensor([2, 3], [1, 2, 3, 4, 5, 6]),
    'spare.weight': tensor([2, 1], [1, 2]),
  });
}

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
      message: expect.stringMatching(
        /global average pooling.*"head" is given \[1,4\], the means of "conv" are \[1,1\]/,
      ),
    });
  });

  it.each([
    ['a layer that is never called', { layer: 'idle' }, 'layer "idle" is never called'],
    ['a linear layer that is never called', { linear: 'spare' }, 'linear layer "spare" is never called'],
    ['a linear layer that is not the last', { linear: 'first' }, `"first" gives 3 of the network's 2 outputs`],
    ['maps whose mean differs by little, but so do they from 0', { layer: 'conv' }, 'is not the mean of "conv"'],
  ])('%s', async (_, params, message) => {
    const net = twoLinears();
    const x = tensor([1, 1, 2, 2], [1e-6, -1e-6, 0, 0]);
    const about = { network: net, x, target: { class: 0 }, fixtures: {} };
    await expect(
      explain(cam as Method, { ...about, params: { layer: 'relu', linear: 'first', ...params } }),
    ).rejects.toMatchObject({ code: 'bad-params', message: expect.stringContaining(message) as string });
    expect(net.namedModules().filter(([, module]) => module.isHooked)).toEqual([]);
    net.dispose();
  });

  it('a network without a linear layer', async () => {
    const maps = chain([1, 2, 2], { relu: leaf.relu, average: leaf.average, flat: leaf.flatten }, {});
    await expect(stagesOf(cam, maps, image)).rejects.toMatchObject({
      code: 'bad-params',
      message: 'CAM needs a linear layer; the network has none',
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
