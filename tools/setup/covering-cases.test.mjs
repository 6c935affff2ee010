import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coveringCases, operationsIn } from './covering-cases.mjs';

const row = (method, network, profile = 'quick') => ({ id: `${method}/${network}`, method, network, profile });
const cases = [
  row('saliency', 'large', 'full'),
  row('saliency', 'a'),
  row('saliency', 'b'),
  row('saliency', 'slow'),
  row('grad-cam', 'a'),
  row('grad-cam', 'b'),
  row('grad-cam', 'slow'),
  row('cam', 'c'),
  row('hooks', 'hooks/random-01'),
  row('hooks', 'hooks/random-02'),
];
const measured = {
  'grad-cam/b': { cpu: 0.1 },
  'grad-cam/a': { cpu: 0.2 },
  'saliency/a': { cpu: 0.3 },
  'saliency/b': { cpu: 0.4 },
  'hooks/hooks/random-02': { cpu: 0.01 },
};

test('the cheapest quick case of each method, and the one of each network that goes through it', () => {
  assert.deepEqual(coveringCases(cases, measured), [
    'saliency/a',
    'saliency/b',
    'saliency/slow',
    'grad-cam/b',
    'cam/c',
    'hooks/hooks/random-02',
  ]);
});

test('with pairs, each method on each network too, where that is short', () => {
  assert.deepEqual(coveringCases(cases, measured, { pairs: true }), [
    'saliency/a',
    'saliency/b',
    'saliency/slow',
    'grad-cam/a',
    'grad-cam/b',
    'cam/c',
    'hooks/hooks/random-02',
  ]);
});

test('with operations, the cheapest cases that call each', () => {
  const operations = { a: ['Conv2d', 'op relu'], b: ['Conv2d'], slow: ['Conv2d', 'op gelu'], c: ['Linear'] };
  assert.deepEqual(coveringCases(cases, measured, { operationsOf: (network) => operations[network] }), [
    'saliency/a',
    'saliency/slow',
    'grad-cam/b',
    'cam/c',
    'hooks/hooks/random-02',
  ]);
});

test('kinds of layers and functions: modes, strides, padding and groups count, sizes do not', () => {
  const conv = (attributes) => ({
    type: 'Conv2d',
    attributes: { outChannels: 8, kernelSize: [3, 3], bias: false, ...attributes },
  });
  const modules = {
    '': {
      type: 'Net',
      calls: [
        { module: 'a', args: ['x'] },
        { op: 'interpolate', args: ['a'], attributes: { mode: 'bilinear', alignCorners: true, size: [4, 4] } },
        { op: 'relu', args: ['b'] },
      ],
    },
    a: conv({ stride: [2, 2], padding: [0, 1], groups: 1 }),
    b: conv({ stride: [1, 1], padding: [0, 0], groups: 8 }),
    c: conv({ outChannels: 9, stride: [1, 1], padding: [0, 0], groups: 4 }),
  };
  assert.deepEqual(operationsIn({ modules }), [
    'Conv2d padding stride',
    'Conv2d groups',
    'interpolate alignCorners mode=bilinear',
    'relu',
  ]);
});
