import { expect, it } from 'vitest';
import { readRows } from './history.js';
import { forBencher, forGitHubAction } from './tracked.js';

const row = { benchmark: 'saliency', network: 'tiny-vgg', backend: 'wasm', batch: 2, imagesPerSecond: 100 };
const rows = readRows(
  JSON.stringify([
    { ...row, milliseconds: [10, 20, 40], peakBytes: 2 ** 20, versions: { machine: 'a machine', controlMs: 1 } },
    { ...row, benchmark: 'smooth-grad-best', software: true },
    { ...row, backend: 'cpu' },
    { ...row, backend: 'cpu', imagesPerSecond: 7 },
  ]),
  'rows',
);

it('github-action-benchmark: names that stay, larger is better, half the spread of the rounds', () => {
  expect(forGitHubAction(rows)).toEqual([
    {
      name: 'saliency/tiny-vgg/wasm/batch-2',
      unit: 'images/s',
      value: 100,
      range: '± 75',
      extra: 'batch 2, a machine',
    },
    { name: 'smooth-grad-best/tiny-vgg/wasm-software', unit: 'images/s', value: 100, extra: 'batch 2' },
    { name: 'saliency/tiny-vgg/cpu/batch-2', unit: 'images/s', value: 7, extra: 'batch 2' },
  ]);
});

it('Bencher: throughput with its bounds, and memory where it is known', () => {
  expect(forBencher(rows)).toEqual({
    'saliency/tiny-vgg/wasm/batch-2': {
      throughput: { value: 100, lower_value: 50, upper_value: 200 },
      'peak-memory': { value: 2 ** 20 },
    },
    'smooth-grad-best/tiny-vgg/wasm-software': { throughput: { value: 100 } },
    'saliency/tiny-vgg/cpu/batch-2': { throughput: { value: 7 } },
  });
});
