/** Every benchmark, one line each. */
import { unknownName } from '@touchstone/contract';
import type { Benchmark } from './benchmark.js';
import { convGradient } from './conv-gradient/conv-gradient.js';
import { hookCosts } from './hook-cost/hook-cost.js';

export const benchmarks: readonly Benchmark[] = [
  convGradient,
  ...hookCosts,
];

/** @throws TouchstoneError `unknown-name` with the nearest */
export function findBenchmark(id: string): Benchmark {
  const found = benchmarks.find((benchmark) => benchmark.id === id);
  if (!found) throw unknownName('benchmark', id, benchmarks.map((benchmark) => benchmark.id));
  return found;
}
