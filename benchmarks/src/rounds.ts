/**
 * Variants measured in turn in one process: what slows the machine down for a while slows all of them, and the ratio
 * within a round is steadier than the ratio of the medians.
 */
import { median } from '@touchstone/contract';
import { setImmediate } from 'node:timers/promises';
import { Bench } from 'tinybench';
import { z } from 'zod';

export interface RoundOptions {
  readonly rounds: number;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  readonly onRound?: (done: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Milliseconds: a row per round, and in it one run of each variant, in the order of `variants`. None is warmed up here:
 * run each once before.
 */
export function measureRounds(variants: readonly (() => void)[], options: RoundOptions): Promise<number[][]> {
  return runRounds(variants.length, options, (bench, i) => bench.add(String(i), variants[i]!, { async: false }));
}

/** As `measureRounds`, of variants that are timed elsewhere and return milliseconds. */
export function interleave(
  variants: readonly (() => Promise<number>)[],
  options: Pick<RoundOptions, 'rounds' | 'signal'>,
): Promise<number[][]> {
  const run = async (i: number) => ({ overriddenDuration: await variants[i]!() });
  return runRounds(variants.length, options, (bench, i) => bench.add(String(i), () => run(i), { async: true }));
}

async function runRounds(
  count: number,
  { rounds, now, onRound, signal }: RoundOptions,
  add: (bench: Bench, variant: number) => void,
): Promise<number[][]> {
  const times: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    await setImmediate(); // Ctrl-C arrives between two turns of the event loop
    signal?.throwIfAborted();
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, ...(now ? { now } : {}) });
    const order = orderOfRound(round, count);
    for (const variant of order) add(bench, variant);
    const row: number[] = [];
    for (const [i, { result }] of (await bench.run()).entries())
      row[order[i]!] = 'latency' in result ? result.latency.min : NaN;
    times.push(row);
    onRound?.(round + 1);
  }
  return times;
}

/**
 * A variant runs slower after a heavy one, so each round begins with the next variant, and over `count` rounds (twice
 * as many for an odd count) each variant follows every other equally often (Williams 1949). Rotating alone would not
 * do: 0 would follow the last variant in nearly every round.
 */
export function orderOfRound(round: number, count: number): number[] {
  const direction = count % 2 === 1 && round % 2 === 1 ? -1 : 1;
  return Array.from({ length: count }, (_, i) => {
    // 0, 1, −1, 2, −2, …: every difference between neighbours occurs once.
    const step = i % 2 === 1 ? (i + 1) / 2 : -i / 2;
    return (((round + direction * step) % count) + count) % count;
  });
}

export const Spread = z.strictObject({ median: z.number(), min: z.number(), max: z.number() });
export type Spread = Readonly<z.infer<typeof Spread>>;

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
