import type { ContainerDescription } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { description, leaf } from '../testing.js';
import { weightReaders } from './weight-readers.js';

const container = (...weights: string[]): ContainerDescription => ({
  type: 'Net',
  inputs: ['x'],
  weights: { scale: [1] },
  calls: weights.map((weight, i) => ({ name: `w${i}`, weight })),
  output: 'w0',
});

it('of each module, those that read its tensors, itself and names of itself aside', () => {
  const readers = weightReaders(
    description({
      '': container('scale', 'a.scale', 'conv.weight', 'conv.bias', 'again.weight'),
      a: container('a.scale', 'scale', 'conv.weight', 'a.linear.weight'),
      'a.linear': leaf.linear(1, 1),
      conv: leaf.conv(1, 1),
      again: { alias: 'conv' },
    }),
  );
  expect(Object.fromEntries(readers)).toEqual({ '': ['a'], a: [''], conv: ['', 'a'], 'a.linear': ['a'] });
});
