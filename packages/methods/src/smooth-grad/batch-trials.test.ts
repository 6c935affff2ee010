import { expect, it } from 'vitest';
import type { KnownBatch } from '../batching.js';
import { BatchTrials } from './batch-trials.js';

/** Milliseconds for each sample, by size. */
type Machine = (size: number) => number;

/** The sizes of the passes, and what came out; passes end where `samples` do. */
function search(
  machine: Machine,
  { most = 64, samples = 10_000, known }: { most?: number; samples?: number; known?: KnownBatch } = {},
): { passes: number[]; result: KnownBatch } {
  const trials = new BatchTrials(known, most);
  const passes: number[] = [];
  for (let left = samples; trials.next !== null && trials.next <= left; left -= passes.at(-1)!) {
    const { next } = trials;
    trials.took(machine(next) * (passes.length === 0 ? 5 : 1)); // the first pass of all is slow
    passes.push(next);
  }
  return { passes, result: trials.result };
}

const flat: Machine = () => 100;
const gains: Machine = (size) => 50 + 100 / size;
const losesAt4: Machine = (size) => (size < 4 ? 100 - 10 * size : 200);
/** A fixed cost for each pass, and memory that gets slow. */
const bestAt8: Machine = (size) => 100 / size + (size > 8 ? 5 * size : 0);

it.each<{
  name: string;
  machine: Machine;
  most?: number;
  samples?: number;
  known?: KnownBatch;
  passes: number[];
  result: KnownBatch;
}>([
  {
    name: 'nothing is gained: two looks at two larger sizes',
    machine: flat,
    passes: [1, 1, 2, 2, 4, 4],
    result: { batch: 1, settled: true },
  },
  {
    name: 'every size gains, until memory ends it',
    machine: gains,
    most: 20,
    passes: [1, 1, 2, 4, 8, 16],
    result: { batch: 16, settled: true },
  },
  {
    name: 'a size that is far slower ends it',
    machine: losesAt4,
    passes: [1, 1, 2, 4, 4],
    result: { batch: 2, settled: true },
  },
  {
    name: 'the best of a hill',
    machine: bestAt8,
    passes: [1, 1, 2, 4, 8, 16, 16],
    result: { batch: 8, settled: true },
  },
  { name: 'memory for one sample only', machine: gains, most: 1, passes: [1, 1], result: { batch: 1, settled: true } },
  {
    name: 'the samples end before the search',
    machine: gains,
    samples: 12,
    passes: [1, 1, 2, 4],
    result: { batch: 4, settled: false },
  },
  {
    name: 'a longer run goes on where a short one ended',
    machine: gains,
    most: 20,
    known: { batch: 4, settled: false },
    passes: [1, 4, 8, 16],
    result: { batch: 16, settled: true },
  },
  {
    name: 'also where each run is short',
    machine: gains,
    samples: 50,
    known: { batch: 16, settled: false },
    passes: [1, 16, 32],
    result: { batch: 32, settled: false },
  },
  {
    name: 'what is settled is not tried again',
    machine: gains,
    known: { batch: 4, settled: true },
    passes: [],
    result: { batch: 4, settled: true },
  },
  {
    name: 'what was found with more memory is cut',
    machine: gains,
    most: 3,
    known: { batch: 8, settled: true },
    passes: [],
    result: { batch: 3, settled: true },
  },
  { name: 'no sample at all', machine: gains, samples: 0, passes: [], result: { batch: 1, settled: false } },
])('$name', ({ machine, passes, result, ...options }) => {
  expect(search(machine, options)).toEqual({ passes, result });
});

it('a pass that was disturbed once does not end the search', () => {
  const seen = new Map<number, number>();
  const disturbed: Machine = (size) => {
    seen.set(size, (seen.get(size) ?? 0) + 1);
    return gains(size) * (seen.get(size) === 1 ? 3 : 1);
  };
  expect(search(disturbed, { most: 16 }).result).toEqual({ batch: 16, settled: true });
});

it('nor does a size whose passes were both disturbed', () => {
  const disturbed: Machine = (size) => gains(size) * (size === 2 ? 2 : 1);
  expect(search(disturbed, { most: 16 }).result).toEqual({ batch: 16, settled: true });
});

it.each([flat, gains, losesAt4, bestAt8])('comes within 10 %% of the best of a sweep', (machine) => {
  const best = Math.min(...[1, 2, 4, 8, 16, 32, 64].map(machine));
  expect(machine(search(machine).result.batch)).toBeLessThanOrEqual(1.1 * best);
});
