/** Rows for services that track benchmarks over time. */
import { maximum, median } from '@touchstone/contract';
import type { StoredRow } from './history.js';

/** What is tracked of a row. */
export interface TrackedRow extends Pick<
  StoredRow,
  'benchmark' | 'network' | 'backend' | 'batch' | 'imagesPerSecond' | 'milliseconds' | 'software' | 'peakBytes'
> {
  readonly versions: { readonly machine: string } | null;
}

/** An entry of github-action-benchmark's `customBiggerIsBetter`. */
export interface TrackedByAction {
  readonly name: string;
  readonly unit: 'images/s';
  readonly value: number;
  readonly range?: string;
  readonly extra: string;
}

interface Metric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/** Bencher Metric Format: benchmark → measure → metric. */
export type TrackedByBencher = Readonly<Record<string, Readonly<Record<string, Metric>>>>;

export function forGitHubAction(rows: readonly TrackedRow[]): TrackedByAction[] {
  return [...byName(rows)].map(([name, row]) => {
    const { imagesPerSecond: value, batch, versions } = row;
    const spread = spreadOf(row);
    const extra = [`batch ${batch}`, ...(versions === null ? [] : [versions.machine])].join(', ');
    const entry = { name, unit: 'images/s', value, extra } as const;
    if (spread === null) return entry;
    return Object.assign({ range: `± ${((spread.upper - spread.lower) / 2).toPrecision(2)}` }, entry);
  });
}

export function forBencher(rows: readonly TrackedRow[]): TrackedByBencher {
  return Object.fromEntries(
    [...byName(rows)].map(([name, row]) => {
      const spread = spreadOf(row);
      const bounds = spread !== null && { lower_value: spread.lower, upper_value: spread.upper };
      const memory = row.peakBytes === null ? {} : { 'peak-memory': { value: row.peakBytes } };
      return [name, Object.assign({ throughput: { value: row.imagesPerSecond, ...bounds } }, memory)];
    }),
  );
}

/** By names that stay the same from run to run; of equal ones the last. */
function byName(rows: readonly TrackedRow[]): ReadonlyMap<string, TrackedRow> {
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** The best batch size may be another one in each run. A software renderer is not the GPU that it replaces. */
function nameOf({ benchmark, network, backend, batch, software }: TrackedRow): string {
  const size = benchmark.endsWith('-best') ? [] : [`batch-${batch}`];
  return [benchmark, network, software === true ? `${backend}-software` : backend, ...size].join('/');
}

/** The slowest and the fastest round, in images per second; null: there is one round only, or none is known. */
function spreadOf({ imagesPerSecond, milliseconds }: TrackedRow): { lower: number; upper: number } | null {
  if (milliseconds.length < 2) return null;
  const images = imagesPerSecond * median(milliseconds);
  return { lower: images / maximum(milliseconds), upper: images / Math.min(...milliseconds) };
}
