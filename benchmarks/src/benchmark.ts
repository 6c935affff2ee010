/** What a benchmark is. Adding one: a folder with it, and a line in `registry.ts`. */
import type { Spread } from './rounds.js';
import type { Versions } from './versions.js';

export interface BenchmarkOptions {
  /** How often each variant is measured, in turn. */
  readonly rounds: number;
  /** About how long a benchmark may take on one network and backend. */
  readonly seconds: number;
  /** Which of our backends, and which of the benchmark's networks; undefined: all that it has. */
  readonly backends?: readonly string[] | undefined;
  readonly networks?: readonly string[] | undefined;
  /** A Python with PyTorch to compare with; null: without. */
  readonly python: string | null;
  /** The folder with the goldens. */
  readonly golden: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

/** One line of `bench --json`; see design.md, "The command". null is what was not measured; `notes` says why. */
export interface BenchmarkRow {
  readonly benchmark: string;
  readonly network: string;
  readonly backend: string;
  readonly batch: number;
  /** Median over the rounds. A picture of SmoothGrad is one noisy sample: its forward pass and its input gradient. */
  readonly imagesPerSecond: number;
  readonly stockImagesPerSecond: number | null;
  readonly pytorchImagesPerSecond: number | null;
  /** The most memory that the engine's process held in a run, weights and runtime included. */
  readonly peakBytes: number | null;
  /** Whether a program stands in for the GPU that the backend is made for; such figures are marked, and never gated. null: not known. */
  readonly software: boolean | null;
  readonly captumImagesPerSecond: number | null;
  /** The first run with this batch size: shaders, compilation and caches; not part of the other figures. */
  readonly firstRunMs: number | null;
  /** Of all rounds, in order. */
  readonly milliseconds: readonly number[];
  /** The same rounds in time of the engine's process, on any core. */
  readonly processorMilliseconds: readonly number[] | null;
  /** Multiply-adds per second as a share of what a large matrix product gets from this engine, and from the best that was tried on this machine. */
  readonly engineShare: number | null;
  readonly machineShare: number | null;
  /** How many times as fast as each, round by round. */
  readonly ratio: Spread | null;
  readonly pytorchRatio: Spread | null;
  readonly captumRatio: Spread | null;
  /** The ratio with the forward pass, which is common to both, taken off. */
  readonly ratioWithoutForward: Spread | null;
  /** The ratio (without the forward pass) below which the benchmark fails. */
  readonly required: number | null;
  /** How it was made sure that what is timed is right. */
  readonly verified: string;
  readonly notes: readonly string[];
  readonly versions: Versions;
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** The backends that it knows, where these are not all. */
  readonly onlyBackends?: readonly string[];
  /**
   * The rows as they come. What cannot be measured on a machine is told by `onProgress` and left out, unless a backend was asked for.
   * @throws TouchstoneError `internal` when the variants do not give the same numbers: then no time means anything; `backend-unavailable`
   */
  readonly run: (options: BenchmarkOptions) => AsyncIterable<BenchmarkRow>;
}

/** A row of what every benchmark measures; the rest is not measured. */
export function rowOf(measured: Pick<BenchmarkRow, 'benchmark' | 'network' | 'backend' | 'batch' | 'imagesPerSecond' | 'milliseconds' | 'verified' | 'versions'> & Partial<BenchmarkRow>): BenchmarkRow {
  const { benchmark, network, backend, batch, imagesPerSecond, ...rest } = measured;
  return {
    benchmark, network, backend, batch, imagesPerSecond,
    stockImagesPerSecond: null, pytorchImagesPerSecond: null, peakBytes: null, software: null, captumImagesPerSecond: null, firstRunMs: null, processorMilliseconds: null,
    engineShare: null, machineShare: null, ratio: null, pytorchRatio: null, captumRatio: null, ratioWithoutForward: null, required: null, notes: [],
    ...rest,
  };
}
