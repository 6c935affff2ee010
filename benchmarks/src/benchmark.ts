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
  /** Rows of an interrupted run: they are given back and not measured again. */
  readonly known: readonly BenchmarkRow[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (message: string) => void;
}

const Name = z.string().max(200);
const Rate = z.number().positive();
const Times = z.array(z.number().positive()).max(10_000);

const common = {
  benchmark: Name,
  network: Name,
  backend: Name,
  batch: z.number().int().positive(),
  /** Median over the rounds. An image of SmoothGrad is one noisy sample: its forward pass and its input gradient. */
  imagesPerSecond: Rate,
  /** Of all rounds, in order. */
  milliseconds: Times,
  /** How it was made sure that what is timed is right. */
  verified: z.string().max(1000),
  notes: z.array(z.string().max(10_000)).max(100),
  versions: Versions,
};

/** Measured in a child process of the backend. null: not known there. */
const inChild = {
  /** The most memory that the engine's process held in a run, weights and runtime included. */
  peakBytes: z.number().nonnegative().nullable(),
  /**
   * Whether a program computes in place of the GPU that the backend is made for; such figures are marked, never gated.
   */
  software: z.boolean().nullable(),
};

/** The first run with this batch size: shaders, compilation and caches; not part of the other figures. */
const firstRunMs = z.number().nonnegative();
/** Of SmoothGrad: the noisy samples of a run. */
const samples = z.number().int().positive();

/** A method on its quick case: compared with nothing. */
export const MethodRow = z.object({
  kind: z.literal('method'),
  ...common,
  ...inChild,
  firstRunMs,
  /** The same rounds in time of the engine's process, on any core. null: the backend does not tell. */
  processorMilliseconds: Times.nullable(),
});
export type MethodRow = Readonly<z.infer<typeof MethodRow>>;

/** Our code against stock TF.js or plain calls, with a ratio that must be reached. */
const ComparisonRow = z.object({
  kind: z.literal('comparison'),
  ...common,
  software: z.literal(false),
  stockImagesPerSecond: Rate,
  /** How many times as fast, round by round. */
  ratio: Spread,
  /** The same with the forward pass, which is common to both, taken off. */
  ratioWithoutForward: Spread,
  /** `ratioWithoutForward` below which the benchmark fails. */
  required: z.number(),
});
export type ComparisonRow = Readonly<z.infer<typeof ComparisonRow>>;

/** SmoothGrad at one batch size. null: the contestant did not run, and `notes` says why. */
export const SweepRow = z.object({
  kind: z.literal('sweep'),
  ...common,
  ...inChild,
  samples,
  firstRunMs,
  stockImagesPerSecond: Rate.nullable(),
  pytorchImagesPerSecond: Rate.nullable(),
  captumImagesPerSecond: Rate.nullable(),
  /** How many times as fast as each, round by round. */
  ratio: Spread.nullable(),
  pytorchRatio: Spread.nullable(),
  captumRatio: Spread.nullable(),
  /**
   * Multiply-adds per second as a share of what a large matrix product gets from this engine, and from the best that
   * was tried on this machine.
   */
  engineShare: z.number(),
  machineShare: z.number(),
});
export type SweepRow = Readonly<z.infer<typeof SweepRow>>;

/** The end of a sweep, at its best batch size. null: not timed, and `notes` says why. */
const BestRow = z.object({
  kind: z.literal('best'),
  ...common,
  ...inChild,
  samples,
  /**
   * How many times as fast as one engine are so many: as a pool, and each by itself, the most that the machine gives.
   * Also null where the backend's engines do not spread.
   */
  pool: z
    .strictObject({
      engines: z.number().int().min(2),
      ratio: Spread,
      ceiling: Spread,
      peakBytes: z.number().nonnegative().nullable(),
    })
    .nullable(),
  /** The most samples per pass that `batch: auto` takes, and how many times as fast as the best batch size it is. */
  auto: z.strictObject({ batch: z.number().int().positive(), ratio: Spread }).nullable(),
});
export type BestRow = Readonly<z.infer<typeof BestRow>>;

/** A measured row, by kind of benchmark; reading a published row leaves out the fields that its kind does not have. */
export const BenchmarkRow = z.discriminatedUnion('kind', [MethodRow, ComparisonRow, SweepRow, BestRow]);
export type BenchmarkRow = MethodRow | ComparisonRow | SweepRow | BestRow;

const never = z.null();

/**
 * A row as `bench --json` prints it and files keep it: a reader finds the speeds and the memory in every row, null
 * where they were not measured. docs/formats.md
 */
export const PublishedRow = z.discriminatedUnion('kind', [
  MethodRow.extend({ stockImagesPerSecond: never, pytorchImagesPerSecond: never }),
  ComparisonRow.extend({ pytorchImagesPerSecond: never, peakBytes: never }),
  SweepRow,
  BestRow.extend({ stockImagesPerSecond: never, pytorchImagesPerSecond: never }),
]);

export function publishedRow(row: BenchmarkRow) {
  return { stockImagesPerSecond: null, pytorchImagesPerSecond: null, peakBytes: null, ...row };
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** The backends that it knows, where these are not all. */
  readonly onlyBackends?: readonly string[];
  /**
   * The rows as they come. What cannot be measured on a machine is told by `onProgress` and left out, unless a backend
   * was asked for.
   * @throws TouchstoneError `internal` when the variants do not give the same numbers: then no time means anything;
   * `backend-unavailable`
   */
  readonly run: (options: BenchmarkOptions) => AsyncIterable<BenchmarkRow>;
}
