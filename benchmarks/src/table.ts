import type { BenchmarkRow } from './benchmark.js';
import type { Spread } from './rounds.js';
import { bestId } from './smooth-grad/best.js';

/** Heading, and what stands under it; null: not measured. A column in which nothing is measured is left out. */
const columns: readonly (readonly [heading: string, cell: (row: BenchmarkRow) => string | null])[] = [
  ['benchmark', ({ benchmark }) => benchmark],
  ['network', ({ network }) => network],
  ['backend', ({ backend, software }) => (software === true ? `${backend} (software)` : backend)],
  ['batch', ({ batch }) => String(batch)],
  ['images/s', ({ imagesPerSecond }) => rate(imagesPerSecond)],
  ['stock', ({ stockImagesPerSecond }) => rate(stockImagesPerSecond)],
  ['× stock', ({ ratio }) => times(ratio)],
  ['PyTorch', ({ pytorchImagesPerSecond }) => rate(pytorchImagesPerSecond)],
  ['× PyTorch', ({ pytorchRatio }) => times(pytorchRatio)],
  ['Captum', ({ captumImagesPerSecond }) => rate(captumImagesPerSecond)],
  ['without forward', ({ ratioWithoutForward }) => times(ratioWithoutForward)],
  ['auto takes', ({ auto }) => auto && String(auto.batch)],
  ['× best', ({ auto }) => times(auto && auto.ratio)],
  ['engines', ({ pool }) => pool && String(pool.engines)],
  ['× one, as a team', ({ pool }) => times(pool && pool.ratio)],
  ['at most', ({ pool }) => times(pool && pool.ceiling)],
  ['needed', ({ required }) => (required === null ? null : `${required}×`)],
  ['of engine', ({ engineShare }) => percent(engineShare)],
  ['of machine', ({ machineShare }) => percent(machineShare)],
  ['peak MiB', ({ peakBytes }) => (peakBytes === null ? null : String(Math.round(peakBytes / 2 ** 20)))],
  ['first run s', ({ firstRunMs }) => (firstRunMs === null ? null : (firstRunMs / 1000).toFixed(2))],
];

export interface Table {
  readonly headings: string[];
  readonly rows: string[][];
}

/** For whoever lays them out: the rows of benchmarks, and those that end a sweep, which measure something else. */
export function tablesOf(rows: readonly BenchmarkRow[]): Table[] {
  const ends = ({ benchmark }: BenchmarkRow): boolean => benchmark === bestId;
  return [rows.filter((row) => !ends(row)), rows.filter(ends)].filter(({ length }) => length > 0).map(tableOf);
}

function tableOf(rows: readonly BenchmarkRow[]): Table {
  const shown = columns.filter(([, cell]) => rows.some((row) => cell(row) !== null));
  return {
    headings: shown.map(([heading]) => heading),
    rows: rows.map((row) => shown.map(([, cell]) => cell(row) ?? '–')),
  };
}

/** What the rows leave open, each once. */
export function notesOf(rows: readonly BenchmarkRow[]): string[] {
  return [
    ...new Set(rows.flatMap(({ network, backend, notes }) => notes.map((note) => `${network} on ${backend}: ${note}`))),
  ];
}

/** Median (smallest–largest). */
function times(spread: Spread | null): string | null {
  return spread && `${spread.median.toFixed(2)}× (${spread.min.toFixed(2)}–${spread.max.toFixed(2)})`;
}

function rate(perSecond: number | null): string | null {
  return perSecond === null ? null : perSecond >= 10 ? perSecond.toFixed(1) : perSecond.toPrecision(3);
}

function percent(share: number | null): string | null {
  return share === null ? null : `${Math.round(share * 100)} %`;
}
