import { expect, it } from 'vitest';
import { benchmarks, findBenchmark } from './registry.js';

it('every id stands once', () => {
  expect(new Set(benchmarks.map(({ id }) => id)).size).toBe(benchmarks.length);
});

it('names the nearest benchmark', () => {
  expect(findBenchmark('conv-gradient').id).toBe('conv-gradient');
  expect(() => findBenchmark('conv-gradients')).toThrow(expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('"conv-gradient"') as string }));
});
