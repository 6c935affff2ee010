/**
 * Variants measured in turn, A B A B, in one process: what slows the machine down for a while slows all of them, and
 * the ratio of neighbours is steadier than the ratio of their medians.
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

/** Milliseconds: a row per round, in it each variant's one run. None is warmed up here: run each once before. */
export async function measureRounds(
  variants: readonly (() => void)[],
  { rounds, now, onRound, signal }: RoundOptions,
): Promise<number[][]> {
  const times: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    await setImmediate(); // Ctrl-C arrives between two turns of the event loop
    signal?.throwIfAborted();
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, ...(now ? { now } : {}) });
    for (const [i, variant] of variants.entries()) bench.add(String(i), variant, { async: false });
    const tasks = await bench.run();
    times.push(tasks.map(({ result }) => ('latency' in result ? result.latency.min : NaN)));
    onRound?.(round + 1);
  }
  return times;
}

export const Spread = z.strictObject({ median: z.number(), min: z.number(), max: z.number() });
export type Spread = Readonly<z.infer<typeof Spread>>;

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** As `measureRounds`, of variants that read their own clock elsewhere and tell milliseconds. */
export async function interleave(
  variants: readonly (() => Promise<number>)[],
  { rounds, signal }: { readonly rounds: number; readonly signal?: AbortSignal | undefined },
): Promise<number[][]> {
  const times: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    signal?.throwIfAborted();
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
    for (const [i, variant] of variants.entries())
      bench.add(String(i), async () => ({ overriddenDuration: await variant() }), { async: true });
    const tasks = await bench.run();
    times.push(tasks.map(({ result }) => ('latency' in result ? result.latency.min : NaN)));
  }
  return times;
}
