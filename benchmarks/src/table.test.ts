import { expect, it } from 'vitest';
import type { BenchmarkRow } from './benchmark.js';
import { formatTable } from './table.js';

const row: BenchmarkRow = {
  benchmark: 'conv-gradient', network: 'vgg11-64', backend: 'wasm', batch: 8, imagesPerSecond: 10.123, stockImagesPerSecond: 2.5,
  pytorchImagesPerSecond: null, peakBytes: null, software: 'tfjs 4.22.0', ratio: { median: 4.05, min: 3.9, max: 4.2 }, ratioWithoutForward: { median: 6, min: 5.5, max: 6.5 }, required: 4,
};

it('lines its columns up, and leaves out what was not measured', () => {
  expect(formatTable([row, { ...row, benchmark: 'x', stockImagesPerSecond: null }])).toBe(
    [
      'benchmark      network   backend  batch  images/s  stock  ratio              without forward    needed',
      'conv-gradient  vgg11-64  wasm     8      10.12     2.50   4.05× (3.90–4.20)  6.00× (5.50–6.50)  4×',
      'x              vgg11-64  wasm     8      10.12     –      4.05× (3.90–4.20)  6.00× (5.50–6.50)  4×',
    ].join('\n'),
  );
});
