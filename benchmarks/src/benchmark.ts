/** What a benchmark is. Adding one: a folder with it, and a line in `registry.ts`. */
import type { Spread } from './rounds.js';

export interface BenchmarkOptions {
  /** How often each variant is measured, in turn. */
  readonly rounds: number;
  readonly onProgress: (message: string) => void;
}

/** One line of `bench --json`; see design.md, "The command". */
export interface BenchmarkRow {
  readonly benchmark: string;
  readonly network: string;
  readonly backend: string;
  readonly batch: number;
  readonly imagesPerSecond: number;
  readonly stockImagesPerSecond: number | null;
  readonly pytorchImagesPerSecond: number | null;
  readonly peakBytes: number | null;
  readonly software: string;
  /** How many times as fast as stock, over the rounds. */
  readonly ratio: Spread;
  /** The same with the forward pass, which is common to both, taken off. */
  readonly ratioWithoutForward: Spread;
  /** The ratio without the forward pass below which the benchmark fails. */
  readonly required: number;
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** @throws TouchstoneError `internal` when the variants do not give the same numbers: then no time means anything */
  readonly run: (options: BenchmarkOptions) => Promise<BenchmarkRow>;
}
