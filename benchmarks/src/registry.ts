/** All benchmarks, one line each. */
import { unknownName } from '@touchstone/contract';
import type { Benchmark } from './benchmark.js';
import { convGradients } from './conv-gradient/conv-gradient.js';
import { firstRuns } from './first-run/first-run.js';
import { hookCosts } from './hook-cost/hook-cost.js';
import { methodBenchmarks } from './methods/methods.js';
import { ownKernels } from './own-kernels/own-kernels.js';
import { smoothGrad } from './smooth-grad/smooth-grad.js';

export const benchmarks: readonly Benchmark[] = [
  smoothGrad,
  ...methodBenchmarks,
  ...convGradients,
  ...hookCosts,
  ...ownKernels,
  ...firstRuns,
];

/** @throws TouchstoneError `unknown-name` with the nearest */
export function findBenchmark(id: string): Benchmark {
  const found = benchmarks.find((benchmark) => benchmark.id === id);
  if (!found)
    throw unknownName(
      'benchmark',
      id,
      benchmarks.map((benchmark) => benchmark.id),
    );
  return found;
}
