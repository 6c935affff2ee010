import { median } from '@touchstone/contract';
import type { BenchmarkRow } from './benchmark.js';
import type { Spread } from './rounds.js';

interface Column {
  readonly heading: string;
  /** null: not measured. A column without any measurement is left out. */
  readonly cell: (row: BenchmarkRow) => string | null;
  /** Explained below the table. */
  readonly meaning?: string;
}

const columns: readonly Column[] = [
  { heading: 'benchmark', cell: ({ benchmark }) => benchmark },
  { heading: 'network', cell: ({ network }) => network },
  {
    heading: 'backend',
    cell: ({ backend, software }) => (software === true ? `${backend} (software)` : backend),
  },
  { heading: 'batch', cell: ({ batch }) => String(batch) },
  { heading: 'images/s', cell: ({ imagesPerSecond }) => rate(imagesPerSecond) },
  {
    heading: 'stock',
    cell: (row) => ('stockImagesPerSecond' in row ? rate(row.stockImagesPerSecond) : null),
    meaning: 'images/s of stock TF.js, or of the plain kernel calls or formula that the benchmark compares with',
  },
  {
    heading: '× stock',
    cell: (row) => ('ratio' in row ? times(row.ratio) : null),
    meaning: 'how many times as fast as stock: median of the rounds (smallest–largest)',
  },
  { heading: 'PyTorch', cell: (row) => ('pytorchRatio' in row ? rate(row.pytorchImagesPerSecond) : null) },
  { heading: '× PyTorch', cell: (row) => ('pytorchRatio' in row ? times(row.pytorchRatio) : null) },
  {
    heading: 'tuned',
    cell: (row) => (row.kind === 'sweep' ? rate(row.channelsLastImagesPerSecond) : null),
    meaning: 'images/s of PyTorch with network and images in channels_last',
  },
  { heading: '× tuned', cell: (row) => (row.kind === 'sweep' ? times(row.channelsLastRatio) : null) },
  { heading: 'Captum', cell: (row) => (row.kind === 'sweep' ? rate(row.captumImagesPerSecond) : null) },
  {
    heading: 'without forward',
    cell: (row) => (row.kind === 'comparison' ? times(row.ratioWithoutForward) : null),
    meaning: '× stock after subtracting the forward pass, which is the same in both',
  },
  {
    heading: 'auto takes',
    cell: (row) => (row.kind === 'best' && row.auto ? String(row.auto.batch) : null),
    meaning: 'the batch size of batch: auto, the default',
  },
  {
    heading: '× best',
    cell: (row) => (row.kind === 'best' && row.auto ? times(row.auto.ratio) : null),
    meaning: 'how many times as fast batch: auto is as the best batch size',
  },
  {
    heading: 'workers',
    cell: (row) => (row.kind === 'best' && row.pool ? String(row.pool.engines) : null),
    meaning: 'size of the worker pool',
  },
  {
    heading: 'pool × one',
    cell: (row) => (row.kind === 'best' && row.pool ? times(row.pool.ratio) : null),
    meaning: 'how many times as fast the pool is as one session',
  },
  {
    heading: 'at most',
    cell: (row) => (row.kind === 'best' && row.pool ? times(row.pool.ceiling) : null),
    meaning: 'the same for as many separate sessions at once, all together: what the machine can do',
  },
  {
    heading: 'required',
    cell: (row) => (row.kind === 'comparison' ? `${row.required}×` : null),
    meaning: 'the benchmark fails if "without forward" is smaller',
  },
  {
    heading: 'of backend',
    cell: (row) => (row.kind === 'sweep' ? percent(row.engineShare) : null),
    meaning: 'multiply-adds per second ÷ those of a large matrix product on the backend',
  },
  {
    heading: 'of machine',
    cell: (row) => (row.kind === 'sweep' ? percent(row.machineShare) : null),
    meaning: 'the same ÷ those of the fastest product measured on the machine',
  },
  {
    heading: 'peak MiB',
    cell: (row) => ('peakBytes' in row && row.peakBytes !== null ? mebibytes(row.peakBytes) : null),
    meaning: 'peak memory of the process',
  },
  {
    heading: 'end to end s',
    cell: (row) => (row.kind === 'first-run' ? seconds(median(row.endToEndMilliseconds)) : null),
    meaning: 'touchstone attribute in a new process: start, loading, the first run, writing the map',
  },
  {
    heading: "PyTorch's s",
    cell: (row) =>
      row.kind === 'first-run' && row.pytorchEndToEnd ? seconds(median(row.pytorchEndToEnd.milliseconds)) : null,
    meaning: 'PyTorch in a new process: start, loading and the first run',
  },
  { heading: 'first run s', cell: (row) => ('firstRunMs' in row ? seconds(row.firstRunMs) : null) },
];

export interface Table {
  readonly headings: string[];
  readonly rows: string[][];
  /** What the less obvious headings mean, a line each. */
  readonly legend: string[];
}

/** One table of the measured rows, and one of the rows at the end of each sweep, which have other columns. */
export function tablesOf(rows: readonly BenchmarkRow[]): Table[] {
  const isBest = ({ kind }: BenchmarkRow): boolean => kind === 'best';
  return [rows.filter((row) => !isBest(row)), rows.filter(isBest)].filter(({ length }) => length > 0).map(tableOf);
}

function tableOf(rows: readonly BenchmarkRow[]): Table {
  const shown = columns.filter(({ cell }) => rows.some((row) => cell(row) !== null));
  return {
    headings: shown.map(({ heading }) => heading),
    rows: rows.map((row) => shown.map(({ cell }) => cell(row) ?? '–')),
    legend: shown.flatMap(({ heading, meaning }) => (meaning ? [`${heading}: ${meaning}`] : [])),
  };
}

/** The notes of the rows, each once. */
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

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20));
}
