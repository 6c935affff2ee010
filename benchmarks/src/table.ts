import type { BenchmarkRow } from './benchmark.js';
import type { Spread } from './rounds.js';

const headings = ['benchmark', 'network', 'backend', 'batch', 'images/s', 'stock', 'ratio', 'without forward', 'needed'];

/** The rows as aligned text, a line each under a line of headings. */
export function formatTable(rows: readonly BenchmarkRow[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

function cellsOf({ benchmark, network, backend, batch, imagesPerSecond, stockImagesPerSecond, ratio, ratioWithoutForward, required }: BenchmarkRow): string[] {
  return [benchmark, network, backend, String(batch), imagesPerSecond.toFixed(2), stockImagesPerSecond?.toFixed(2) ?? '–', times(ratio), times(ratioWithoutForward), `${required}×`];
}

/** Median (smallest–largest). */
function times({ median, min, max }: Spread): string {
  return `${median.toFixed(2)}× (${min.toFixed(2)}–${max.toFixed(2)})`;
}
