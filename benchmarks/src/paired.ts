/**
 * Two variants measured in turn, A B A B, in one process: what slows the machine down meanwhile slows both, and the
 * ratio of neighbours is steadier than the ratio of their medians.
 */
import { Bench } from 'tinybench';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Milliseconds of each variant, and how many times as long B takes as A, pair by pair. */
export interface Paired {
  readonly a: Spread;
  readonly b: Spread;
  readonly ratio: Spread;
}

export interface PairedOptions {
  readonly pairs: number;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
  readonly onPair?: (done: number) => void;
}

/** Neither variant is warmed up here: run each once before. */
export async function measurePairs(a: () => void, b: () => void, { pairs, now, onPair }: PairedOptions): Promise<Paired> {
  const times: [number, number][] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, ...(now ? { now } : {}) });
    const tasks = await bench.add('a', a).add('b', b).run();
    const [first, second] = tasks.map(({ result }) => ('latency' in result ? result.latency.min : NaN));
    times.push([first!, second!]);
    onPair?.(pair + 1);
  }
  return {
    a: spreadOf(times.map(([a]) => a)),
    b: spreadOf(times.map(([, b]) => b)),
    ratio: spreadOf(times.map(([a, b]) => b / a)),
  };
}

/** The median of an even number of values is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
