import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { leaf, network, rounded, stagesOf, tensor, twoMaps, twoUnits } from '../core/testing.js';
import { explain } from '../core/explain.js';
import { activations } from './activations.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const image = tensor([1, 1, 2, 2], [1, 2, 3, 6]);

it('gives every leaf in order of execution, NCHW, the last one as the attribution', async () => {
  const stages = await stagesOf(activations, twoMaps(), image);
  expect(Object.keys(stages)).toEqual(['logits', 'conv', 'relu', 'average', 'flat', 'head', 'attribution']);
  expect(stages['conv']).toEqual(tensor([1, 2, 2, 2], [1, 2, 3, 6, 2, 1, 0, -3]));
  expect(stages['relu']).toEqual(tensor([1, 2, 2, 2], [1, 2, 3, 6, 2, 1, 0, 0]));
  expect(stages['average']).toEqual(tensor([1, 2, 1, 1], [3, 0.75]));
  expect(stages['flat']).toEqual(tensor([1, 2], [3, 0.75]));
  expect(stages['attribution']).toEqual(stages['logits']);
});

it('gives the named layers only', async () => {
  const stages = await stagesOf(activations, twoMaps(), image, { params: { layers: ['relu', 'conv'] } });
  expect(Object.keys(stages)).toEqual(['logits', 'conv', 'relu', 'attribution']);
  expect(stages['attribution']).toEqual(stages['relu']);
});

it('gives a container too, and each call of a layer that is called twice', async () => {
  const root = {
    type: 'Root',
    inputs: ['x'],
    calls: [
      { name: 'f', module: 'flat', args: ['x'] },
      { name: 'y', module: 'twice', args: ['f'] },
    ],
    output: 'y',
  };
  const twice = {
    type: 'Twice',
    inputs: ['a'],
    calls: [
      { name: 'b', module: 'twice.w', args: ['a'] },
      { name: 'c', module: 'twice.w', args: ['b'] },
    ],
    output: 'c',
  };
  const net = network(
    [1, 1, 1],
    { '': root, flat: leaf.flatten, twice, 'twice.w': leaf.linear(1, 1) },
    { 'twice.w.weight': tensor([1, 1], [3]) },
  );
  const stages = await stagesOf(activations, net, tensor([1, 1, 1, 1], [1]), {
    params: { layers: ['twice', 'twice.w'] },
  });
  expect(Object.keys(stages)).toEqual(['logits', 'twice.w', 'twice.w#2', 'twice', 'attribution']);
  expect([stages['twice.w'], stages['twice.w#2'], stages['twice']].map((stage) => rounded(stage!))).toEqual([
    [3],
    [9],
    [9],
  ]);
});

it('values are those at the moment a layer returns, also before an in-place ReLU', async () => {
  const root = {
    type: 'Root',
    inputs: ['x'],
    calls: [
      { name: 'h', module: 'hidden', args: ['x'] },
      { name: 'y', module: 'relu', args: ['h'] },
      { name: 'z', module: 'flat', args: ['y'] },
    ],
    output: 'z',
  };
  const net = network(
    [1, 1, 2],
    { '': root, hidden: leaf.conv(1, 1), relu: leaf.reluInplace, flat: leaf.flatten },
    { 'hidden.weight': tensor([1, 1, 1, 1], [1]), 'hidden.bias': tensor([1], [0]) },
  );
  const stages = await stagesOf(activations, net, tensor([1, 1, 1, 2], [-1, 2]));
  expect([stages['hidden'], stages['relu']].map((stage) => rounded(stage!))).toEqual([
    [-1, 2],
    [0, 2],
  ]);
});

it('a layer that is never called is an error, not zeros', async () => {
  const root = { type: 'Root', inputs: ['x'], calls: [{ name: 'f', module: 'flat', args: ['x'] }], output: 'f' };
  const net = network([1, 1, 1], { '': root, flat: leaf.flatten, idle: leaf.relu }, {});
  await expect(
    stagesOf(activations, net, tensor([1, 1, 1, 1], [1]), { params: { layers: ['idle'] } }),
  ).rejects.toMatchObject({ code: 'bad-params', message: expect.stringContaining('"idle"') as string });
});

it.each<{ layers: unknown; code: string }>([
  { layers: ['hiden'], code: 'unknown-name' },
  { layers: [], code: 'bad-params' },
  { layers: 'hidden', code: 'bad-params' },
])('refuses layers $layers', async ({ layers, code }) => {
  await expect(
    stagesOf(activations, twoUnits([2, 1, 1]), tensor([1, 2, 1, 1], [1, 2]), { params: { layers } }),
  ).rejects.toMatchObject({ code });
});

it('leaves no hook behind when a later layer does not exist', async () => {
  const net = twoUnits([1, 1, 2]);
  const x = tensor([1, 1, 1, 2], [3, 1]);
  const request = (layers: string[]) => ({ network: net, x, target: { class: 0 }, params: { layers }, fixtures: {} });
  await expect(explain(activations, request(['relu', 'rleu']))).rejects.toMatchObject({ code: 'unknown-name' });
  expect(net.module('relu').isHooked).toBe(false);
  const { stages } = await explain(activations, request(['hidden']));
  expect(net.module('hidden').isHooked).toBe(false);
  expect(Object.keys(stages)).toEqual(['logits', 'hidden', 'attribution']);
  net.dispose();
});
