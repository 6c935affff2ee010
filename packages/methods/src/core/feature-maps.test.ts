import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { NetworkDescription } from '@touchstone/contract';
import { add, loadNetwork, nchwShape, readParts, Variable } from '@touchstone/network';
import { transformer, transformerWeights } from '@touchstone/network/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradCam } from '../grad-cam/grad-cam.js';
import { hiresCam } from '../hires-cam/hires-cam.js';
import { formOf, isMap, mapCalls, suggested, toMaps, type MapForm } from './feature-maps.js';
import { lastMapOf } from './layer.js';
import { leaf, stagesOf, tensor } from './testing.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const input = [1, 1, 4, 6];
const tokens = { skip: 1, grid: [2, 3] as [number, number] };
const x = tensor(
  input,
  Array.from({ length: 24 }, (_, i) => Math.sin(i * i)),
);
const network = () => loadNetwork(transformer(), transformerWeights());

it.each<[number[], Partial<MapForm>, boolean]>([
  [[1, 4, 2, 3], {}, true],
  [[1, 4, 1, 1], {}, false],
  [[1, 7, 4], {}, false],
  [[1, 7, 4], { tokens }, true],
  [[1, 6, 4], { tokens }, false],
  [[1, 1, 1, 4], { channelsLast: true }, false],
  [[1, 2, 3, 1], { channelsLast: true }, true],
])('%j with %j is a map: %s', (shape, form, expected) => {
  expect(isMap(shape, { tokens: null, channelsLast: false, ...form })).toBe(expected);
});

it('tokens after the first are the rows of the grid, with the last dimension as channels', () => {
  const output = tf.tensor3d(
    Array.from({ length: 14 }, (_, i) => i),
    [1, 7, 2],
  );
  const maps = toMaps(output, { tokens, channelsLast: false });
  expect(nchwShape(maps.shape)).toEqual([1, 2, 2, 3]);
  expect(Array.from(tf.transpose(maps, [0, 3, 1, 2]).dataSync())).toEqual([2, 4, 6, 8, 10, 12, 3, 5, 7, 9, 11, 13]);
});

it('channels last: dimensions 1 and 2 are height and width', () => {
  // Of PyTorch's [1,2,3,2]: value = 100·row + 10·column + channel.
  const values = [0, 1].flatMap((row) => [0, 1, 2].flatMap((column) => [0, 1].map((k) => 100 * row + 10 * column + k)));
  const output = tf.transpose(tf.tensor4d(values, [1, 2, 3, 2]), [0, 2, 3, 1]);
  const maps = toMaps(output, { tokens: null, channelsLast: true });
  expect(nchwShape(maps.shape)).toEqual([1, 2, 2, 3]);
  expect(Array.from(maps.dataSync())).toEqual(values);
});

describe.each([gradCam, hiresCam])('$id', (method) => {
  it('of tokens has maps of the grid, and the gradient that moving the tokens has', async () => {
    const params = { layer: 'blocks.0', tokens };
    const { activations, gradient, map, attribution } = await stagesOf(method, network(), x, { params });
    expect([activations!.shape, gradient!.shape, map!.shape, attribution!.shape]).toEqual([
      [1, 4, 2, 3],
      [1, 4, 2, 3],
      [1, 1, 2, 3],
      [1, 1, 4, 6],
    ]);
    expect(gradient!.data.every((value) => value !== 0)).toBe(true);
    // Channel 2 of the token in row 1, column 0, which is token 1 + 3.
    const moved = async (by: number) => {
      const net = network();
      net.module('blocks.0').registerForwardHook((_module, _inputs, output) => {
        const change = tf.buffer(output.value.shape);
        change.set(by, 0, 4, 2);
        return add(output, Variable.leaf(change.toTensor()));
      });
      return (await stagesOf(method, net, x, { params }))['logits']!.data[0]!;
    };
    const slope = ((await moved(0.01)) - (await moved(-0.01))) / 0.02;
    expect(gradient!.data[2 * 6 + 3]).toBeCloseTo(slope, 3);
  });

  it.each<[string, object, RegExp, RegExp]>([
    ['tokens as they are', { layer: 'blocks.0' }, /"blocks.0" gives \[1,7,4\], tokens and no maps/, /"grid":\[2,3\]/],
    [
      'tokens after the last attention',
      { layer: 'norm' },
      /"norm" gives \[1,7,4\], tokens of which only number 0 is read .*: the others have no gradient/,
      /"blocks.1.norm1" is the last/,
    ],
    ['the same on a grid', { layer: 'norm', tokens }, /only number 0 is read/, /before the last attention/],
    [
      'a grid of another size',
      { layer: 'blocks.0', tokens: { skip: 1, grid: [2, 2] } },
      /7 tokens; 1 and a grid of 2×2 are 5/,
      /tokens=\{"skip":1,"grid":\[2,3\]\}/,
    ],
    ['a grid of maps', { layer: 'patches', tokens }, /"patches" gives \[1,4,2,3\]; "tokens" needs \[N,T,D\]/, /Leave/],
    ['both forms', { layer: 'blocks.0', tokens, channelsLast: true }, /"tokens" and "channelsLast" are given/, /Leave/],
    ['no layer', {}, /no layer is named, and after the last map, of "patches", .* tokens/, /layer=blocks.1.norm1/],
    ['no layer and another size', { tokens: { skip: 0, grid: [2, 2] } }, /no layer that gives so many tokens/, /Name/],
    ['no layer with channels last', { channelsLast: true }, /"channelsLast" needs a named layer/, /layer=PATH/],
    ['a layer that is never called', { layer: 'idle', tokens }, /"idle" is never called/, /touchstone layers/],
  ])('%s: an error', async (_, params, message, hint) => {
    const before = tf.memory().numTensors;
    await expect(stagesOf(method, network(), x, { params })).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(hint) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('the default layer of tokens is the last leaf of which those on the grid are read', () => {
  expect(lastMapOf(transformer(), input, { tokens })).toBe('blocks.1.norm1');
  expect(mapCalls(readParts(transformer(), input), formOf({ tokens })).map(({ path }) => path)).not.toContain('norm');
});

it('what the heads of attention see of tokens is no map', () => {
  const calls = [
    { name: 'a', op: 'reshape', args: ['x'], attributes: { shape: [-1, 6, 4] } },
    { name: 'b', module: 'tokens', args: ['a'] },
    { name: 'c', op: 'reshape', args: ['b'], attributes: { shape: [-1, 2, 6, 2] } },
    { name: 'd', module: 'key', args: ['c'] },
    { name: 'e', op: 'flatten', args: ['d'], attributes: { startDim: 1, endDim: -1 } },
    { name: 'y', module: 'head', args: ['e'] },
  ];
  const modules = {
    '': { type: 'Net', inputs: ['x'], calls, output: 'y' },
    tokens: leaf.identity,
    key: leaf.identity,
    head: leaf.linear(24, 2),
  };
  const refusal = (image: [number, number, number]) => {
    try {
      return lastMapOf({ ...transformer(), input: { shape: image }, modules }, [1, ...image]);
    } catch (error) {
      return error;
    }
  };
  expect(refusal([1, 4, 6])).toMatchObject({
    message: expect.stringContaining('works on tokens, such as [1,6,4] of "tokens"') as string,
    hint: expect.stringMatching(/"grid":\[2,3\]\}'\.$/) as string,
  });
  // Of a signal they may be the layer [N,K,L] of a Conv1d.
  expect(refusal([1, 1, 24])).toMatchObject({ hint: expect.stringMatching(/"grid":\[1,6\].*Conv1d/) as string });
});

it('a last leaf that normalises its last dimension is no default: its channels are last', () => {
  const calls = [
    { name: 'a', op: 'permute', args: ['x'], attributes: { dims: [0, 2, 3, 1] } },
    { name: 'b', module: 'norm', args: ['a'] },
    { name: 'c', op: 'flatten', args: ['b'], attributes: { startDim: 1, endDim: -1 } },
    { name: 'y', module: 'head', args: ['c'] },
  ];
  const layerNorm = { name: 'y', op: 'layer_norm', args: ['x'], attributes: { normalizedShape: [2], eps: 1e-5 } };
  const swin: NetworkDescription = {
    ...transformer(),
    input: { shape: [2, 2, 3] },
    modules: {
      '': { type: 'Net', inputs: ['x'], calls, output: 'y' },
      norm: { type: 'LayerNorm', inputs: ['x'], calls: [layerNorm], output: 'y' },
      head: leaf.linear(12, 2),
    },
  };
  expect(() => lastMapOf(swin, [1, 2, 2, 3])).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--set layer=norm --set channelsLast=true') as string }),
  );
});

it('suggestions have the proportions of the image', () => {
  expect(suggested([1, 197, 768], [1, 3, 224, 224])).toBe('tokens={"skip":1,"grid":[14,14]}');
  expect(suggested([1, 49, 768], [1, 3, 224, 224])).toBe('tokens={"skip":0,"grid":[7,7]}');
  expect(suggested([1, 7, 4], [1, 1, 4, 6])).toBe('tokens={"skip":1,"grid":[2,3]}');
});
