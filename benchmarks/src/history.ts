/** Stored runs: `benchmarks/history/<machine>.jsonl` has a run per line, a file of `--rows` a row per line. */
import { isDeepStrictEqual } from 'node:util';
import { parse, parseJson, parseJsonLines, TouchstoneError } from '@touchstone/contract';
import { z } from 'zod';
import { BenchmarkRow, MethodRow, publishedRow, SweepRow } from './benchmark.js';
import { Versions } from './versions.js';

/** The fields of a stored row that are compared and drawn. Another version of Touchstone may have written it. */
const StoredRow = z.object({
  ...SweepRow.pick({ benchmark: true, network: true, backend: true, batch: true, imagesPerSecond: true }).shape,
  stockImagesPerSecond: SweepRow.shape.stockImagesPerSecond.default(null),
  pytorchImagesPerSecond: SweepRow.shape.pytorchImagesPerSecond.default(null),
  channelsLastImagesPerSecond: SweepRow.shape.channelsLastImagesPerSecond,
  software: SweepRow.shape.software.catch(null),
  peakBytes: SweepRow.shape.peakBytes.catch(null),
  milliseconds: SweepRow.shape.milliseconds.default([]),
  processorMilliseconds: MethodRow.shape.processorMilliseconds.default(null),
  versions: z
    .object(Versions.pick({ machine: true, controlMs: true }).shape)
    .nullable()
    .catch(null),
});
export type StoredRow = z.infer<typeof StoredRow>;

/** The options and tools of a run. */
const Conditions = z.strictObject({
  node: z.string().max(100),
  rounds: z.number().int().positive(),
  seconds: z.number().positive(),
  /** A path; null: without PyTorch. */
  python: z.string().max(10_000).nullable(),
  /** The folder with the goldens. */
  golden: z.string().max(10_000),
});

const Stamp = z.object({
  /** ISO 8601 */
  started: z.string().max(40),
  machine: z.string().max(500),
  /** Of the checkout, with `+` and a hash of the changes where tracked files were changed; null: not known. */
  commit: z.string().max(80).nullable().default(null),
  /** null: an older version wrote it. */
  conditions: Conditions.nullable().default(null),
});
export type Stamp = z.infer<typeof Stamp>;

const maxRows = 10_000;
const StoredRun = z.object({ ...Stamp.shape, rows: z.array(StoredRow).max(maxRows) });
export type StoredRun = z.infer<typeof StoredRun>;

/** A run, or some of its rows: consecutive lines with the same start are one run. */
export function historyLine(stamp: Stamp, rows: readonly BenchmarkRow[]): string {
  return `${JSON.stringify({ ...stamp, rows: rows.map(publishedRow) })}\n`;
}

/** @throws TouchstoneError `bad-input` */
export function readHistory(text: string, file: string): StoredRun[] {
  return runsOf(parseJsonLines(text, StoredRun, file, 'bad-input'));
}

/**
 * The last run in full, if its stamp equals this one except for the start; else null.
 * @throws TouchstoneError `bad-input`
 */
export function lastRunLike(
  { machine, commit, conditions }: Stamp,
  text: string,
  file: string,
): { readonly started: string; readonly rows: readonly BenchmarkRow[] } | null {
  const last = runsOf(
    parseJsonLines(text, z.object({ ...Stamp.shape, rows: z.array(z.unknown()).max(maxRows) }), file, 'bad-input'),
  ).at(-1);
  if (
    last === undefined ||
    !isDeepStrictEqual([last.machine, last.commit, last.conditions], [machine, commit, conditions])
  )
    return null;
  return {
    started: last.started,
    rows: parse(z.array(BenchmarkRow).max(maxRows), last.rows, `the last run in ${file}`),
  };
}

function runsOf<T extends { readonly started: string; readonly machine: string; readonly rows: unknown[] }>(
  lines: readonly T[],
): T[] {
  const runs: T[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.started === line.started && last.machine === line.machine) last.rows.push(...line.rows);
    else runs.push(line);
  }
  return runs;
}

/**
 * The rows that `bench --json` printed, or of the last run in a file of --rows or --history.
 * @throws TouchstoneError `bad-input`
 */
export function readRows(text: string, file: string): StoredRow[] {
  const rows = text.trimStart().startsWith('[')
    ? parseJson(text, z.array(StoredRow).max(maxRows), file, 'bad-input')
    : (readHistory(text, file).at(-1)?.rows ?? []);
  if (rows.length === 0)
    throw new TouchstoneError('bad-input', `${file} has no rows`, 'Write it with touchstone bench NAME --json.');
  return rows;
}

/** A description of a machine as a file name. */
export function machineSlug(machine: string): string {
  return machine
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
}
