import type { NetworkDescription } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { operationsOf } from './operations.js';

const relu = (inplace: boolean) => ({ type: 'ReLU', attributes: { inplace } });
const flattenCall = (name: string, of: string) => ({
  name,
  op: 'flatten',
  args: [of],
  attributes: { startDim: 1, endDim: -1 },
});

function describing(modules: NetworkDescription['modules']): NetworkDescription {
  return { format: 'touchstone-network', version: 1, name: 'n', why: '', input: { shape: [1, 2, 2] }, modules };
}

function listed(description: NetworkDescription): string[] {
  const { list, output } = operationsOf(description, [1, 1, 2, 2]);
  const lines = list.map(({ name, call, type, inputs }) => `${name}#${call} ${type}(${inputs.join()})`);
  return [...lines, `→ ${output}`];
}

it('resolves containers, aliases and repeated calls; what a container returns has its path', () => {
  const twice = describing({
    '': {
      type: 'Twice',
      inputs: ['x'],
      calls: [
        { name: 'a', module: 'block', args: ['x'] },
        { name: 'b', module: 'again', args: ['a'] },
        { name: 'sum', op: 'add', args: ['a', 'b'], attributes: {} },
      ],
      output: 'sum',
    },
    block: { type: 'Block', inputs: ['y'], calls: [{ name: 'r', module: 'block.relu', args: ['y'] }], output: 'r' },
    'block.relu': relu(false),
    again: { alias: 'block' },
  });
  expect(listed(twice)).toEqual([
    'block.relu#1 ReLU(0)',
    'block#1 Identity(1)',
    'block.relu#2 ReLU(2)',
    'block#2 Identity(3)',
    'sum-op#1 add(2,4)',
    '→ 5',
  ]);
});

it.each([
  { inplace: true, read: 1 },
  { inplace: false, read: 0 },
])('a later reader sees a change in place ($inplace)', ({ inplace, read }) => {
  const skip = describing({
    '': {
      type: 'Skip',
      inputs: ['x'],
      calls: [
        { name: 'r', module: 'relu', args: ['x'] },
        { name: 'sum', op: 'add', args: ['x', 'r'], attributes: {} },
      ],
      output: 'sum',
    },
    relu: relu(inplace),
  });
  expect(listed(skip)).toEqual(['relu#1 ReLU(0)', `sum-op#1 add(${read},1)`, '→ 2']);
});

it.each([
  {
    changed: 'f',
    read: 'x',
    lines: ['f-op#1 Flatten(0)', 'relu#1 ReLU(1)', 'copy-op/view-2#1 view(2)', 'copy-op#1 ReLU(3)'],
  },
  {
    changed: 'x',
    read: 'f',
    lines: ['f-op#1 Flatten(0)', 'relu#1 ReLU(0)', 'copy-op/view-2#1 view(2)', 'copy-op#1 ReLU(3)'],
  },
])('"$read" shows what changed "$changed" in place: they share their memory', ({ changed, read, lines }) => {
  const view = describing({
    '': {
      type: 'View',
      inputs: ['x'],
      calls: [
        flattenCall('f', 'x'),
        { name: 'r', module: 'relu', args: [changed] },
        { name: 'copy', op: 'relu', args: [read], attributes: { inplace: false } },
      ],
      output: 'copy',
    },
    relu: relu(true),
  });
  expect(listed(view)).toEqual([...lines, '→ 4']);
});

it.each([
  { op: 'permute', attributes: { dims: [0, 1, 3, 2] } },
  { op: 'slice', attributes: { dim: 3, start: 0, end: 1, step: 1 } },
])('a change in place of what $op shows in another order is refused', ({ op, attributes }) => {
  const network = (inplace: boolean) =>
    describing({
      '': {
        type: 'View',
        inputs: ['x'],
        calls: [
          { name: 'v', op, args: ['x'], attributes },
          { name: 'r', module: 'relu', args: ['v'] },
        ],
        output: 'r',
      },
      relu: relu(inplace),
    });
  expect(() => listed(network(true))).toThrow('"relu" changes in place');
  expect(listed(network(false))).toEqual([`v-op#1 ${op}(0)`, 'relu#1 ReLU(1)', '→ 2']);
});

it('names the layer that the input does not fit', () => {
  const linear = describing({
    '': { type: 'N', inputs: ['x'], calls: [{ name: 'p', module: 'pool', args: ['x'] }], output: 'p' },
    pool: {
      type: 'MaxPool2d',
      attributes: { kernelSize: [3, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 1], ceilMode: false },
    },
  });
  expect(() => listed(linear)).toThrow('"pool" does not take an input of [1,1,2,2]');
});
