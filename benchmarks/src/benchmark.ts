/** What a benchmark is, and its rows. To add one: a folder, and a line in `registry.ts`. */
import { z } from 'zod';
import { Spread } from './rounds.js';
import { Versions } from './versions.js';

export interface BenchmarkOptions {
  /** Number of measurements of each variant, in turn. */
  readonly rounds: number;
  /** Approximate time of a benchmark on one network and backend. */
  readonly seconds: number;
  /** Backends, and networks of the benchmark; undefined: all. */
  readonly backends?: readonly string[] | undefined;
  readonly networks?: readonly string[] | undefined;
  /** A Python with PyTorch to compare with; null: none. */
  readonly python: string | null;
  /** The folder with the goldens. */
  readonly golden: string;
  /** Rows of an interrupted run: they are returned and not measured again. */
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
  /** Of each round, in order. */
  milliseconds: Times,
  /** How the timed result was verified. */
  verified: z.string().max(1000),
  notes: z.array(z.string().max(10_000)).max(100),
  versions: Versions,
};

/** Measured in a child process of the backend. null: not known there. */
const inChild = {
  /** Peak memory of the session's process in a run, weights and runtime included. */
  peakBytes: z.number().nonnegative().nullable(),
  /** Whether a software renderer computes in place of a GPU; such figures are marked, never gated. */
  software: z.boolean().nullable(),
};

/** The first run with this batch size, which compiles shaders and fills caches; not part of the other figures. */
const firstRunMs = z.number().nonnegative();
/** Of SmoothGrad: the noisy samples of a run. */
const samples = z.number().int().positive();

/** A method on its first quick case, without a comparison. */
export const MethodRow = z.object({
  kind: z.literal('method'),
  ...common,
  ...inChild,
  firstRunMs,
  /** Processor time of the session's process in the same rounds, all cores together. null: not known. */
  processorMilliseconds: Times.nullable(),
});
export type MethodRow = Readonly<z.infer<typeof MethodRow>>;

/** Our code against stock TF.js or plain calls, with a required ratio. */
const ComparisonRow = z.object({
  kind: z.literal('comparison'),
  ...common,
  software: z.literal(false),
  stockImagesPerSecond: Rate,
  /** How many times as fast, round by round. */
  ratio: Spread,
  /** The same after subtracting the forward pass, which is common to both. */
  ratioWithoutForward: Spread,
  /** The benchmark fails if `ratioWithoutForward` is smaller. */
  required: z.number(),
});
export type ComparisonRow = Readonly<z.infer<typeof ComparisonRow>>;

/** SmoothGrad at one batch size. null: the contestant did not run; `notes` says why. */
export const SweepRow = z.object({
  kind: z.literal('sweep'),
  ...common,
  ...inChild,
  samples,
  firstRunMs,
  stockImagesPerSecond: Rate.nullable(),
  pytorchImagesPerSecond: Rate.nullable(),
  /** PyTorch with network and images in `torch.channels_last`. Rows stored before it was measured do not have it. */
  channelsLastImagesPerSecond: Rate.nullable().default(null),
  captumImagesPerSecond: Rate.nullable(),
  /** How many times as fast as the contestant, round by round. */
  ratio: Spread.nullable(),
  pytorchRatio: Spread.nullable(),
  channelsLastRatio: Spread.nullable().default(null),
  captumRatio: Spread.nullable(),
  /**
   * Multiply-adds per second as a share of those of a large matrix product on this backend, and of the best product
   * measured on this machine.
   */
  engineShare: z.number(),
  machineShare: z.number(),
});
export type SweepRow = Readonly<z.infer<typeof SweepRow>>;

/** The end of a sweep, at its best batch size. null: not timed; `notes` says why. */
const BestRow = z.object({
  kind: z.literal('best'),
  ...common,
  ...inChild,
  samples,
  /**
   * A pool of `engines` workers: `ratio` says how many times as fast as one session it is. `ceiling` is the same for as
   * many separate sessions in total, the most that the machine can do. Also null if the backend has no worker pools.
   */
  pool: z
    .strictObject({
      engines: z.number().int().min(2),
      ratio: Spread,
      ceiling: Spread,
      peakBytes: z.number().nonnegative().nullable(),
    })
    .nullable(),
  /** The batch size that `batch: auto` takes, and how many times as fast as the best batch size it is. */
  auto: z.strictObject({ batch: z.number().int().positive(), ratio: Spread }).nullable(),
});
export type BestRow = Readonly<z.infer<typeof BestRow>>;

/**
 * A map of saliency in a new process and in a warm session; of the session are `imagesPerSecond`, `milliseconds` and
 * `firstRunMs`. null: PyTorch did not run; `notes` says why.
 */
export const FirstRunRow = z.object({
  kind: z.literal('first-run'),
  ...common,
  ...inChild,
  /** Of the new process, from its start to its end. */
  peakBytes: z.number().positive(),
  firstRunMs,
  /** `touchstone attribute`, of each round: start, loading, the first run, writing the map. */
  endToEndMilliseconds: Times,
  pytorchImagesPerSecond: Rate.nullable(),
  /** How many times as fast as PyTorch a warm session is, round by round. */
  pytorchRatio: Spread.nullable(),
  /** In new processes: medians of start, loading and the first run, and of each round their sum. */
  pytorchEndToEnd: z.strictObject({ startMs: Rate, loadMs: Rate, firstRunMs: Rate, milliseconds: Times }).nullable(),
});
export type FirstRunRow = Readonly<z.infer<typeof FirstRunRow>>;

/** A measured row, by kind of benchmark. Parsing a published row drops the fields that its kind does not have. */
export const BenchmarkRow = z.discriminatedUnion('kind', [MethodRow, ComparisonRow, SweepRow, BestRow, FirstRunRow]);
export type BenchmarkRow = MethodRow | ComparisonRow | SweepRow | BestRow | FirstRunRow;

const never = z.null();

/**
 * A row as `bench --json` prints it and files store it, see docs/formats.md. Every row has the speeds and the memory,
 * null where not measured.
 */
export const PublishedRow = z.discriminatedUnion('kind', [
  MethodRow.extend({ stockImagesPerSecond: never, pytorchImagesPerSecond: never }),
  ComparisonRow.extend({ pytorchImagesPerSecond: never, peakBytes: never }),
  SweepRow,
  BestRow.extend({ stockImagesPerSecond: never, pytorchImagesPerSecond: never }),
  FirstRunRow.extend({ stockImagesPerSecond: never }),
]);

export function publishedRow(row: BenchmarkRow) {
  return { stockImagesPerSecond: null, pytorchImagesPerSecond: null, peakBytes: null, ...row };
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** The backends that it supports; undefined: all. */
  readonly onlyBackends?: readonly string[];
  /** Whether it measures the networks of `options.networks`; the others have theirs. */
  readonly takesNetworks?: boolean;
  /**
   * Yields each row as soon as it is measured. Backends that are unavailable are reported by `onProgress` and left out,
   * unless `options.backends` names them.
   * @throws TouchstoneError `internal` when the variants do not compute the same numbers, so that no time means
   * anything; `backend-unavailable`
   */
  readonly run: (options: BenchmarkOptions) => AsyncIterable<BenchmarkRow>;
}
