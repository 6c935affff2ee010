import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { Variable, type Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { asIs, toMaps } from './feature-maps.js';
import { firstWeighted, lastLinear, lastMap, lastMapOf, layerGradient, outputUpTo } from './layer.js';
import { targetSeed } from './seed.js';
import { chain, leaf, network, tensor } from './testing.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** x [1,2,2] → double → relu → average → relu → flatten → head; `spare` is never called. */
function shared(): Network {
  const calls = ['double', 'relu', 'average', 'relu', 'flat', 'head'].map((module, i) => ({
    name: `v${i + 1}`,
    module,
    args: [`v${i}`],
  }));
  return network(
    [1, 2, 2],
    {
      '': { type: 'Shared', inputs: ['v0'], calls, output: 'v6' },
      double: leaf.conv(1, 1),
      relu: leaf.relu,
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(1, 2),
      spare: leaf.relu,
    },
    {
      'double.weight': tensor([1, 1, 1, 1], [2]),
      'double.bias': tensor([1], [0]),
      'head.weight': tensor([2, 1], [3, 5]),
    },
  );
}
const image = () => tf.tensor4d([1, -1, 2, 4], [1, 2, 2, 1]);
const read = (net: Network, layer: string | null, call?: 'first' | 'last') =>
  layerGradient(
    { network: net, x: image(), target: { class: 1 } },
    { layer, ...asIs },
    targetSeed,
    call && { call, toMaps },
  );

describe('the gradient at a layer', () => {
  it.each<[layer: string | null, call: 'first' | 'last' | undefined, activations: number[], gradient: number[]]>([
    ['relu', 'first', [2, 0, 4, 8], [1.25, 1.25, 1.25, 1.25]],
    ['relu', 'last', [3.5], [5]],
    ['relu', undefined, [3.5], [5]],
    ['average', undefined, [3.5], [5]],
    [null, undefined, [2, -2, 4, 8], [1.25, 0, 1.25, 1.25]],
  ])('%s, %s call', async (layer, call, activations, gradient) => {
    const found = await read(shared(), layer, call);
    expect([...found.activations.dataSync()]).toEqual(activations);
    expect([...found.gradient.dataSync()]).toEqual(gradient);
    expect([...found.logits.dataSync()]).toEqual([10.5, 17.5]);
  });

  it.each([
    ['spare', 'layer "spare" is never called'],
    ['flat', 'layer "flat" gives [1,1]; feature maps are needed'],
  ])('%s is an error', async (layer, message) => {
    await expect(read(shared(), layer)).rejects.toMatchObject({ code: 'bad-params', message });
  });

  it('leaves no hook behind, also after an error', async () => {
    const net = shared();
    await expect(read(net, 'flat')).rejects.toThrow();
    expect(net.module('flat').isHooked).toBe(false);
    await read(net, 'relu');
    expect(net.module('relu').isHooked).toBe(false);
  });
});

describe('the last map', () => {
  it('is the last leaf whose last call returns more than one pixel', () => {
    expect(lastMap(shared(), image(), asIs)).toBe('double');
  });

  it('is none of a network that only has pixels', () => {
    const one = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
    expect(() => lastMap(shared(), one, asIs)).toThrow('the network has no layer that gives a map');
  });

  it('names the layer that the image does not fit', () => {
    const weights = {
      'conv.weight': tensor(
        [1, 1, 3, 3],
        Array.from({ length: 9 }, () => 1),
      ),
    };
    const net = chain([1, 3, 3], { conv: leaf.conv(1, 1, 3) }, { ...weights, 'conv.bias': tensor([1], [0]) });
    expect(() => lastMap(net, image(), asIs)).toThrow(/"conv": convolution with a kernel of 3/);
  });
});

describe('the output up to a layer', () => {
  it('is that of its first call, and nothing after it runs', () => {
    const net = shared();
    net.module('average').registerForwardHook(() => {
      throw new Error('ran');
    });
    expect([...outputUpTo(net, Variable.leaf(image()), 'relu').value.dataSync()]).toEqual([2, 0, 4, 8]);
    expect(net.module('relu').isHooked).toBe(false);
    expect(() => outputUpTo(net, Variable.leaf(image()), 'flat')).toThrow('ran');
    expect(net.module('flat').isHooked).toBe(false);
  });

  it('is an error where the layer is never called', () => {
    expect(() => outputUpTo(shared(), Variable.leaf(image()), 'spare')).toThrow('layer "spare" is never called');
  });
});

it('modules that are taken by default, from the description alone', () => {
  const { description } = shared();
  expect(lastLinear(description)).toBe('head');
  expect(firstWeighted(description)).toBe('double');
  expect(lastMapOf(description, [1, 1, 2, 2])).toBe('double');
  expect(() => lastMapOf(description, [1, 1, 0, 2])).toThrow('images of [1,1,0,2] do not fit the network');
});
