import type { BenchmarkRow } from './benchmark.js';
import type { Spread } from './rounds.js';

/** Heading, and what stands under it; null: not measured. A column in which nothing is measured is left out. */
const columns: readonly (readonly [heading: string, cell: (row: BenchmarkRow) => string | null])[] = [
  ['benchmark', ({ benchmark }) => benchmark],
  ['network', ({ network }) => network],
  ['backend', ({ backend, software }) => (software === true ? `${backend} (software)` : backend)],
  ['batch', ({ batch }) => String(batch)],
  ['images/s', ({ imagesPerSecond }) => rate(imagesPerSecond)],
  ['stock', (row) => ('stockImagesPerSecond' in row ? rate(row.stockImagesPerSecond) : null)],
  ['× stock', (row) => ('ratio' in row ? times(row.ratio) : null)],
  ['PyTorch', (row) => (row.kind === 'sweep' ? rate(row.pytorchImagesPerSecond) : null)],
  ['× PyTorch', (row) => (row.kind === 'sweep' ? times(row.pytorchRatio) : null)],
  ['Captum', (row) => (row.kind === 'sweep' ? rate(row.captumImagesPerSecond) : null)],
  ['without forward', (row) => (row.kind === 'comparison' ? times(row.ratioWithoutForward) : null)],
  ['auto takes', (row) => (row.kind === 'best' && row.auto ? String(row.auto.batch) : null)],
  ['× best', (row) => (row.kind === 'best' && row.auto ? times(row.auto.ratio) : null)],
  ['engines', (row) => (row.kind === 'best' && row.pool ? String(row.pool.engines) : null)],
  ['× one, as a team', (row) => (row.kind === 'best' && row.pool ? times(row.pool.ratio) : null)],
  ['at most', (row) => (row.kind === 'best' && row.pool ? times(row.pool.ceiling) : null)],
  ['needed', (row) => (row.kind === 'comparison' ? `${row.required}×` : null)],
  ['of engine', (row) => (row.kind === 'sweep' ? percent(row.engineShare) : null)],
  ['of machine', (row) => (row.kind === 'sweep' ? percent(row.machineShare) : null)],
  ['peak MiB', (row) => ('peakBytes' in row && row.peakBytes !== null ? mebibytes(row.peakBytes) : null)],
  ['first run s', (row) => ('firstRunMs' in row ? (row.firstRunMs / 1000).toFixed(2) : null)],
];

export interface Table {
  readonly headings: string[];
  readonly rows: string[][];
}

/** For whoever lays them out: the rows of benchmarks, and those that end a sweep, which measure something else. */
export function tablesOf(rows: readonly BenchmarkRow[]): Table[] {
  const ends = ({ kind }: BenchmarkRow): boolean => kind === 'best';
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

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20));
}
