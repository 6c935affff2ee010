import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../core/explain.js';
import { chain, leaf, rounded, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { parameters } from './parameters.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** Two channels; kernels of 1×2: one from −1 to 3, one that is the same everywhere. */
const twoKernels = () =>
  chain(
    [2, 1, 3],
    { conv: { type: 'Conv2d', attributes: { ...leaf.conv(2, 2).attributes, kernelSize: [1, 2] } } },
    {
      'conv.weight': tensor([2, 2, 1, 2], [-1, 0, 1, 3, 5, 5, 5, 5]),
      'conv.bias': tensor([2], [7, 8]),
    },
  );
const nothing = tensor([1, 2, 1, 3], [0, 0, 0, 0, 0, 0]);

describe('kernels', () => {
  it('are stretched to [0,1] each over all its channels, in the order of PyTorch', async () => {
    const stages = await stagesOf(parameters, twoKernels(), nothing);
    expect(Object.keys(stages)).toEqual(['weight', 'bias', 'attribution']);
    expect(stages['weight']).toEqual(tensor([2, 2, 1, 2], [-1, 0, 1, 3, 5, 5, 5, 5]));
    expect(stages['bias']).toEqual(tensor([2], [7, 8]));
    expect(stages['attribution']).toEqual(tensor([2, 2, 1, 2], [0, 0.25, 0.5, 1, 0, 0, 0, 0]));
  });

  it('are the same a second time, and leave no tensor', async () => {
    const network = twoKernels();
    const request = { network, x: nothing, target: { class: 0 }, params: {}, fixtures: {} };
    const before = tf.memory().numTensors;
    const first = await explain(parameters, request);
    expect(tf.memory().numTensors).toBe(before);
    expect(await explain(parameters, request)).toEqual(first);
    network.dispose();
  });
});

describe('hidden units over the plane', () => {
  /** h₁ = relu(a − b + ½), h₂ = relu(2a + b − 1); f₀ = h₁ − 3h₂, f₁ = −h₁ + 2h₂ */
  const perceptron = () => twoUnits([2, 1, 1], [0.5, -1]);
  /** The furthest coordinate is 10/11, so the square is [−1,1]². */
  const data = tensor([2, 2, 1, 1], [0.1, -10 / 11, 0.5, 0.2]);
  const raster = 2;

  it('are none where the first layer takes more than the two coordinates', async () => {
    const padded = chain(
      [1, 1, 2],
      {
        pad: { type: 'ZeroPad2d', attributes: { padding: [1, 0, 0, 0] } },
        flat: leaf.flatten,
        head: leaf.linear(3, 2),
      },
      { 'head.weight': tensor([2, 3], [1, 2, 3, 4, 5, 6]) },
    );
    const stages = await stagesOf(parameters, padded, tensor([1, 1, 1, 2], [1, 2]));
    expect(Object.keys(stages)).toEqual(['weight', 'attribution']);
  });

  it('are none where the input is more than a point, though the first layer takes two numbers', async () => {
    const pooled = chain(
      [2, 1, 2],
      { average: leaf.average, flat: leaf.flatten, head: leaf.linear(2, 1) },
      { 'head.weight': tensor([1, 2], [1, 2]) },
    );
    const stages = await stagesOf(parameters, pooled, tensor([1, 2, 1, 2], [1, 2, 3, 4]));
    expect(Object.keys(stages)).toEqual(['weight', 'attribution']);
  });

  it('are the same where the point is a row', async () => {
    const request = { params: { raster } };
    const row = await stagesOf(parameters, twoUnits([1, 1, 2]), tensor([2, 1, 1, 2], [...data.data]), request);
    expect(row).toEqual(await stagesOf(parameters, twoUnits([2, 1, 1]), data, request));
    expect(row['extent']!.shape).toEqual([1]);
  });

  it('are lines, over the logits of a square around the data, the topmost row first', async () => {
    const stages = await stagesOf(parameters, perceptron(), data, { params: { raster } });
    expect(Object.keys(stages)).toEqual(['weight', 'bias', 'extent', 'region', 'lines', 'attribution']);
    expect(rounded(stages['extent']!)).toEqual([1]);
    expect(stages['region']!.shape).toEqual([1, 2, 2, 2]);
    // at (−½,½), (½,½), (−½,−½), (½,−½)
    expect([...stages['region']!.data].map((value) => Number(value.toFixed(5)) + 0)).toEqual([
      0, -1, 0.5, 1.5, 0, 0.5, -0.5, -1.5,
    ]);
    const [half, fifth] = [Math.SQRT1_2, 1 / Math.sqrt(5)];
    [-0.25, 0.25, half, half, 0.4, 0.2, -fifth, 2 * fifth].forEach((value, i) =>
      expect(stages['lines']!.data[i]).toBeCloseTo(value, 6),
    );
    expect(stages['attribution']).toEqual(stages['lines']);
  });

  it('without data the square is [−1,1]²', async () => {
    const stages = await stagesOf(parameters, perceptron(), tensor([1, 2, 1, 1], [0, 0]), { params: { raster } });
    expect(rounded(stages['extent']!)).toEqual([1]);
  });

  it('a unit without weights has no line, and no NaN', async () => {
    const dead = chain(
      [2, 1, 1],
      { flat: leaf.flatten, hidden: leaf.linear(2, 1, true) },
      { 'hidden.weight': tensor([1, 2], [0, 0]), 'hidden.bias': tensor([1], [3]) },
    );
    expect(rounded((await stagesOf(parameters, dead, data)).lines!)).toEqual([0, 0, 0, 0]);
  });

  it('without a bias they pass through the origin', async () => {
    const stages = await stagesOf(parameters, twoUnits([2, 1, 1]), data, { params: { raster } });
    expect(Object.keys(stages)).toEqual(['weight', 'extent', 'region', 'lines', 'attribution']);
    expect(rounded(stages['lines']!).filter((_, i) => i % 4 < 2)).toEqual([0, 0, 0, 0]);
  });
});

it.each([
  {
    name: 'a later layer of two inputs',
    params: { layer: 'head' },
    of: () => twoUnits([2, 1, 1]),
    weight: [1, -3, -1, 2],
  },
  {
    name: 'a first layer of other inputs',
    params: {},
    of: () =>
      chain([3, 1, 1], { flat: leaf.flatten, head: leaf.linear(3, 1) }, { 'head.weight': tensor([1, 3], [1, 2, 3]) }),
    weight: [1, 2, 3],
  },
])('$name: its weight as it is', async ({ params, of, weight }) => {
  const network = of();
  const [channels] = network.description.input.shape;
  const stages = await stagesOf(
    parameters,
    network,
    tensor(
      [1, channels, 1, 1],
      Array.from({ length: channels }, () => 1),
    ),
    { params },
  );
  expect(Object.keys(stages)).toEqual(['weight', 'attribution']);
  expect(rounded(stages['attribution']!)).toEqual(weight);
});

it.each([
  { layer: 'relu', code: 'bad-params', message: '"relu" is a ReLU', hint: 'such as "hidden"' },
  { layer: 'hiden', code: 'unknown-name', message: 'hiden', hint: 'hidden' },
])('refuses layer $layer', async ({ layer, code, message, hint }) => {
  await expect(
    stagesOf(parameters, twoUnits([2, 1, 1]), tensor([1, 2, 1, 1], [1, 2]), { params: { layer } }),
  ).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
    hint: expect.stringContaining(hint) as string,
  });
});

it('refuses a network without weights', async () => {
  await expect(
    stagesOf(parameters, chain([1, 1, 1], { flat: leaf.flatten }, {}), tensor([1, 1, 1, 1], [1])),
  ).rejects.toMatchObject({ code: 'bad-params' });
});
