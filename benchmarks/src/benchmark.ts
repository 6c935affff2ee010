/** What a benchmark is. Adding one: a folder with it, and a line in `registry.ts`. */
import type { Paired } from './paired.js';

export interface BenchmarkOptions {
  /** Measurements of each variant, taken in turn. */
  readonly pairs: number;
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
  /** How many times as fast as stock: the median over pairs, the worst and the best. */
  readonly ratio: Paired['ratio'];
  /** The ratio below which the benchmark fails. */
  readonly required: number;
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** @throws TouchstoneError `internal` when the variants do not give the same numbers: then no time means anything */
  readonly run: (options: BenchmarkOptions) => Promise<BenchmarkRow>;
}
