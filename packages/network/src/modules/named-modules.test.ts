import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { description, leaf } from '../testing.js';
import { loadNetwork } from './network.js';
import { shapesOf } from './shapes.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

describe('namedModules', () => {
  const container = (...calls: { name: string; module: string }[]) => ({
    type: 'Container',
    inputs: ['x'],
    calls: calls.map((call, i) => ({ ...call, args: [i === 0 ? 'x' : calls[i - 1]!.name] })),
    output: calls.at(-1)!.name,
  });

  it('has the order of PyTorch, also of names that are numbers, which JavaScript lists first', () => {
    const network = loadNetwork(
      description({
        '': container({ name: 'a', module: '0' }, { name: 'b', module: '1' }),
        '0': container({ name: 'a', module: '0.0' }, { name: 'b', module: '0.1' }),
        '0.0': leaf.relu,
        '0.1': leaf.flatten,
        '1': leaf.relu,
        'list.0': leaf.relu,
      }),
      {},
    );
    expect(network.namedModules().map(([path]) => path)).toEqual(['', '0', '0.0', '0.1', '1', 'list.0']);
    network.dispose();
  });

  it('a container of functions only is a leaf, as a module without children is in PyTorch', () => {
    const sum = {
      type: 'Sum',
      inputs: ['x'],
      calls: [{ name: 'y', op: 'add', args: ['x', 'x'], attributes: {} }],
      output: 'y',
    };
    const modules = { '': container({ name: 'a', module: 'sum' }, { name: 'b', module: 'sum.more' }), sum };
    const [alone, withChild] = [
      { ...modules, '': container({ name: 'a', module: 'sum' }) },
      { ...modules, 'sum.more': leaf.relu },
    ].map((each) => loadNetwork(description(each), {}));
    expect(alone!.module('sum').isLeaf).toBe(true);
    expect(withChild!.module('sum').isLeaf).toBe(false);
    expect(shapesOf(alone!.description, [1, 1, 2, 2])!.leaves).toEqual([{ path: 'sum', shape: [1, 1, 2, 2] }]);
  });
});
