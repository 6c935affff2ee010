import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { gradientLeaf } from '../functional/functional.js';
import { Variable } from '../autograd/variable.js';
import { chain, description, leaf, transformer, transformerTokens, transformerWeights } from '../testing.js';
import { loadNetwork } from './network.js';
import { isReadFrom, readParts, type Positions } from './read-parts.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const listed = (positions: Positions) => (positions === 'all' ? 'all' : [...positions].sort((a, b) => a - b));

describe('of a vision transformer', () => {
  const input = [2, 1, 4, 6];
  const calls = readParts(transformer(), input)!;
  const readOf = (path: string) => listed(calls.findLast((call) => call.path === path)!.read);

  it.each([
    ['patches', 'all'],
    ['blocks.0', 'all'],
    ['blocks.1.norm1', 'all'],
    ['blocks.1.k', 'all'],
    ['blocks.1.proj', [0]],
    ['blocks.1.norm2', [0]],
    ['blocks.1.mlp', [0]],
    ['blocks.1', [0]],
    ['norm', [0]],
    ['head', 'all'],
  ])('%s: %j', (path, positions) => {
    expect(readOf(path)).toEqual(positions);
  });

  it('modules that forward never uses are not called', () => {
    expect(calls.map(({ path }) => path)).not.toContain('idle');
    expect(calls.at(-1)).toEqual({ path: '', shape: [2, 3], isLeaf: false, read: 'all' });
    expect(calls.find(({ path }) => path === 'norm')).toMatchObject({ isLeaf: true, shape: [2, transformerTokens, 4] });
  });

  it('what is not read has no gradient, and all else has one', () => {
    const network = loadNetwork(transformer(), transformerWeights());
    for (const { path, shape, read } of calls.filter((call) => call.isLeaf && call.shape.length === 3)) {
      let found: Variable | undefined;
      const handle = network.module(path).registerForwardHook((_module, _inputs, output) => {
        found = gradientLeaf(output);
      });
      const sizes = tf.tidy(() => {
        const x = tf.tensor4d(
          Array.from({ length: 48 }, (_, i) => Math.cos(i * i)),
          [2, 4, 6, 1],
        );
        const output = network.call(Variable.leaf(x));
        const [gradient] = grad(output, tf.tensor2d([1, -2, 3, 0.5, 1, -1], [2, 3]), [found!]);
        return Array.from(tf.sum(tf.abs(gradient!), [0, 2]).dataSync());
      });
      handle.remove();
      const alive = sizes.flatMap((size, token) => (size > 0 ? [token] : []));
      // A query of a token that is not read has no gradient; that all are read is the safe answer.
      if (path === 'blocks.1.q') expect(alive).toEqual([0]);
      else expect(alive, path).toEqual(read === 'all' ? Array.from({ length: shape[1]! }, (_, i) => i) : listed(read));
    }
    network.dispose();
  });

  it('an input that does not fit has none', () => {
    expect(readParts(transformer(), [1, 1, 1, 6])).toBeNull();
  });
});

it.each<{ name: string; op: string; attributes: object; wanted: number[]; read: number[] | 'all' }>([
  { name: 'a slice', op: 'slice', attributes: { dim: 1, start: 1, end: 5, step: 2 }, wanted: [1], read: [3] },
  { name: 'a slice elsewhere', op: 'slice', attributes: { dim: 2, start: 1, end: 2, step: 1 }, wanted: [1], read: [1] },
  { name: 'an index', op: 'index_select', attributes: { dim: 1, index: [4, 2, 4] }, wanted: [2], read: [4] },
  { name: 'softmax over positions', op: 'softmax', attributes: { dim: 1 }, wanted: [1], read: 'all' },
  { name: 'softmax at each position', op: 'softmax', attributes: { dim: 2 }, wanted: [1], read: [1] },
  { name: 'a roll', op: 'roll', attributes: { shifts: [1], dims: [1] }, wanted: [1], read: 'all' },
  { name: 'dimensions exchanged', op: 'permute', attributes: { dims: [0, 2, 1, 3] }, wanted: [1], read: 'all' },
])('$name: of $wanted it reads $read', ({ op, attributes, wanted, read }) => {
  const calls = [
    { name: 'a', module: 'relu', args: ['x'] },
    { name: 'b', op, args: ['a'], attributes: attributes as Record<string, unknown> },
  ];
  const network = description({ '': { type: 'Net', inputs: ['x'], calls, output: 'b' }, relu: leaf.relu });
  const found = readParts(network, [1, 6, 3, 2], new Set(wanted))!;
  expect(listed(found[0]!.read)).toEqual(read);
});

it('a concatenation reads of each part what is its own', () => {
  const calls = [
    { name: 'a', module: 'relu', args: ['x'] },
    { name: 'b', module: 'other', args: ['x'] },
    { name: 'c', op: 'cat', args: ['a', 'b'], attributes: { dim: 1 } },
  ];
  const network = description({
    '': { type: 'Net', inputs: ['x'], calls, output: 'c' },
    relu: leaf.relu,
    other: leaf.identity,
  });
  const read = readParts(network, [1, 2, 3, 3], new Set([3]))!.map((call) => listed(call.read));
  expect(read.slice(0, 2)).toEqual([[], [1]]);
});

it('a plain network reads everything', () => {
  const calls = readParts(description(chain({ conv: leaf.conv(1, 2), relu: leaf.relu })), [1, 1, 2, 2])!;
  expect(calls.map(({ read }) => read)).toEqual(['all', 'all', 'all']);
});

it('positions from one on', () => {
  expect([isReadFrom('all', 5), isReadFrom(new Set([0])), isReadFrom(new Set([0]), 1)]).toEqual([true, true, false]);
});
