import type { NetworkDescription } from '@touchstone/contract';
import { describe, expect, it } from 'vitest';
import { chain, description, leaf } from '../testing.js';
import { shapesOf, type Step } from './shapes.js';

const of = (type: string, attributes: Record<string, unknown>) => chain({ layer: { type, attributes } });
const windows = { kernelSize: [3, 2], stride: [2, 3], padding: [1, 0] };
const adaptive = (...outputSize: (number | null)[]) => of('AdaptiveAvgPool2d', { outputSize });
const flat = (startDim: number, endDim: number) => of('Flatten', { startDim, endDim });
const conv = { ...leaf.conv(4, 6).attributes, ...windows, dilation: [2, 1] };

// torch 2.15: the shapes of these layers.
it.each<[name: string, modules: NetworkDescription['modules'], input: number[], output: number[] | null]>([
  ['a convolution', of('Conv2d', conv), [2, 4, 9, 8], [2, 6, 4, 3]],
  ['a max pool', of('MaxPool2d', { ...windows, dilation: [1, 2], ceilMode: false }), [2, 4, 9, 8], [2, 4, 5, 2]],
  [
    'a max pool that rounds up',
    of('MaxPool2d', { ...windows, dilation: [1, 2], ceilMode: true }),
    [2, 4, 9, 8],
    [2, 4, 5, 3],
  ],
  ['an average pool', of('AvgPool2d', { ...windows, ceilMode: false }), [2, 4, 8, 7], [2, 4, 4, 2]],
  ['an adaptive pool to 3 × 5', adaptive(3, 5), [2, 4, 9, 8], [2, 4, 3, 5]],
  ['an adaptive pool of rows only', adaptive(3, null), [2, 4, 9, 8], [2, 4, 3, 8]],
  ['an adaptive pool of columns only', adaptive(null, 5), [2, 4, 9, 8], [2, 4, 9, 5]],
  [
    'padding left 1, right 2, top 3, bottom 4',
    of('ZeroPad2d', { padding: [1, 2, 3, 4] }),
    [2, 4, 9, 8],
    [2, 4, 16, 11],
  ],
  ['flatten from 1 to −1', flat(1, -1), [2, 3, 4, 5], [2, 60]],
  ['flatten from −3 to −2', flat(-3, -2), [2, 3, 4, 5], [2, 12, 5]],
  ['flatten from 0 to 1', flat(0, 1), [2, 3, 4, 5], [6, 4, 5]],
  ['a linear layer', chain({ flat: leaf.flatten, head: leaf.linear(8, 3) }), [2, 2, 2, 2], [2, 3]],
  ['a convolution too large', of('Conv2d', conv), [2, 4, 2, 8], null],
  ['a pool after flatten', chain({ flat: leaf.flatten, pool: leaf.maxPool(1, 1) }), [2, 2, 2, 2], null],
  ['an adaptive pool after flatten', chain({ flat: leaf.flatten, average: leaf.average }), [2, 2, 2, 2], null],
  [
    'padding after flatten',
    chain({ flat: leaf.flatten, pad: { type: 'ZeroPad2d', attributes: { padding: [1, 1, 1, 1] } } }),
    [2, 2, 2, 2],
    null,
  ],
])('%s', (_, modules, input, output) => {
  expect(shapesOf(description(modules), input)?.output ?? null).toEqual(output);
});

describe('functions', () => {
  const call = (name: string, op: string, args: string[], attributes: Record<string, unknown> = {}) => ({
    name,
    op,
    args,
    attributes,
  });
  const box = (...calls: ReturnType<typeof call>[]) =>
    description({
      '': { type: 'Net', inputs: ['x'], calls: [{ name: 'y', module: 'box', args: ['x'] }], output: 'y' },
      box: { type: 'Box', inputs: ['x'], calls, output: calls.at(-1)!.name },
    } as NetworkDescription['modules']);
  const pooled = (...outputSize: (number | null)[]) => call('p', 'adaptive_avg_pool2d', ['x'], { outputSize });

  it.each<[string, NetworkDescription, number[]]>([
    ['cat of channels', box(call('c', 'cat', ['x', 'x', 'x'], { dim: 1 })), [2, 9, 4, 5]],
    ['cat of columns', box(pooled(null, 2), call('c', 'cat', ['x', 'p'], { dim: -1 })), [2, 3, 4, 7]],
    ['add with a row', box(pooled(1, null), call('s', 'add', ['p', 'x'])), [2, 3, 4, 5]],
    ['add with a column', box(pooled(null, 1), call('s', 'add', ['x', 'p'])), [2, 3, 4, 5]],
    ['relu', box(call('r', 'relu', ['x'], { inplace: false })), [2, 3, 4, 5]],
  ])('%s', (_, network, output) => {
    const steps: Step[] = [];
    expect(shapesOf(network, [2, 3, 4, 5], (step) => void steps.push(step))).toEqual({
      leaves: [{ path: 'box', shape: output }],
      output,
    });
    expect(steps.at(-1)).toMatchObject({ shape: output, where: expect.stringMatching(/^box \w+$/) as string });
  });

  it('do not fit where shapes do not broadcast', () => {
    const flat = call('f', 'flatten', ['x'], { startDim: 0, endDim: 2 });
    expect(shapesOf(box(flat, call('s', 'add', ['f', 'x'])), [2, 3, 4, 5])).toBeNull();
  });

  it('name the root by their name alone, and end where they do not fit', () => {
    const steps: string[] = [];
    const calls = [
      call('a', 'relu', ['x'], { inplace: false }),
      call('b', 'max_pool2d', ['a'], { ...leaf.maxPool(9, 9).attributes }),
      call('c', 'relu', ['b'], { inplace: false }),
    ];
    const network = description({ '': { type: 'Net', inputs: ['x'], calls, output: 'c' } });
    expect(shapesOf(network, [1, 1, 4, 4], ({ where }) => void steps.push(where))).toBeNull();
    expect(steps).toEqual(['relu']);
  });
});

it('each call of a leaf has its shape, under the path of the module itself', () => {
  const modules = chain({ pool: leaf.maxPool(2, 2), same: leaf.identity });
  const { leaves } = shapesOf(description({ ...modules, same: { alias: 'pool' } }), [1, 1, 8, 4])!;
  expect(leaves).toEqual([
    { path: 'pool', shape: [1, 1, 4, 2] },
    { path: 'pool', shape: [1, 1, 2, 1] },
  ]);
});
