/** What a benchmark is. Adding one: a folder with it, and a line in `registry.ts`. */
import { z } from 'zod';
import { Spread } from './rounds.js';
import { Versions } from './versions.js';

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
  /** Rows of an interrupted run, which stand for themselves: they are given back and not measured again. */
  readonly known: readonly BenchmarkRow[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

const Name = z.string().max(200);
const Rate = z.number().positive();
const Times = z.array(z.number().positive()).max(10_000);

/** One line of `bench --json`, described in docs/formats.md. null is what was not measured; `notes` says why. */
export const BenchmarkRow = z.strictObject({
  benchmark: Name,
  network: Name,
  backend: Name,
  batch: z.number().int().positive(),
  /** Median over the rounds. A picture of SmoothGrad is one noisy sample: its forward pass and its input gradient. */
  imagesPerSecond: Rate,
  stockImagesPerSecond: Rate.nullable(),
  pytorchImagesPerSecond: Rate.nullable(),
  captumImagesPerSecond: Rate.nullable(),
  /** Of SmoothGrad: the noisy samples of a run. */
  samples: z.number().int().positive().nullable(),
  /** The most memory that the engine's process held in a run, weights and runtime included. */
  peakBytes: z.number().nonnegative().nullable(),
  /** Whether a program stands in for the GPU that the backend is made for; such figures are marked, and never gated. null: not known. */
  software: z.boolean().nullable(),
  /** The first run with this batch size: shaders, compilation and caches; not part of the other figures. */
  firstRunMs: z.number().nonnegative().nullable(),
  /** Of all rounds, in order. */
  milliseconds: Times,
  /** The same rounds in time of the engine's process, on any core. */
  processorMilliseconds: Times.nullable(),
  /** Multiply-adds per second as a share of what a large matrix product gets from this engine, and from the best that was tried on this machine. */
  engineShare: z.number().nullable(),
  machineShare: z.number().nullable(),
  /** How many times as fast as each, round by round. */
  ratio: Spread.nullable(),
  pytorchRatio: Spread.nullable(),
  captumRatio: Spread.nullable(),
  /** The ratio with the forward pass, which is common to both, taken off. */
  ratioWithoutForward: Spread.nullable(),
  /** The ratio (without the forward pass) below which the benchmark fails. */
  required: z.number().nullable(),
  /** Of SmoothGrad at the best batch size, how many times as fast as one engine are so many: as a pool, and each by itself, the most that the machine gives. */
  pool: z
    .strictObject({
      engines: z.number().int().min(2),
      ratio: Spread,
      ceiling: Spread,
      peakBytes: z.number().nonnegative().nullable(),
    })
    .nullable(),
  /** There too, the most samples per pass that `batch: auto` takes, and how many times as fast as the best batch size it is. */
  auto: z.strictObject({ batch: z.number().int().positive(), ratio: Spread }).nullable(),
  /** How it was made sure that what is timed is right. */
  verified: z.string().max(1000),
  notes: z.array(z.string().max(10_000)).max(100),
  versions: Versions,
});
export type BenchmarkRow = Readonly<z.infer<typeof BenchmarkRow>>;

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
export function rowOf(
  measured: Pick<
    BenchmarkRow,
    'benchmark' | 'network' | 'backend' | 'batch' | 'imagesPerSecond' | 'milliseconds' | 'verified' | 'versions'
  > &
    Partial<BenchmarkRow>,
): BenchmarkRow {
  const { benchmark, network, backend, batch, imagesPerSecond, ...rest } = measured;
  return {
    benchmark,
    network,
    backend,
    batch,
    imagesPerSecond,
    stockImagesPerSecond: null,
    pytorchImagesPerSecond: null,
    captumImagesPerSecond: null,
    samples: null,
    peakBytes: null,
    software: null,
    firstRunMs: null,
    processorMilliseconds: null,
    engineShare: null,
    machineShare: null,
    ratio: null,
    pytorchRatio: null,
    captumRatio: null,
    ratioWithoutForward: null,
    required: null,
    pool: null,
    auto: null,
    notes: [],
    ...rest,
  };
}
