import type { BenchmarkRow } from './benchmark.js';

const headings = ['benchmark', 'network', 'backend', 'batch', 'images/s', 'stock', 'ratio (min–max)', 'needed'];

/** The rows as aligned text, a line each under a line of headings. */
export function formatTable(rows: readonly BenchmarkRow[]): string {
  const cells = [headings, ...rows.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

function cellsOf({ benchmark, network, backend, batch, imagesPerSecond, stockImagesPerSecond, ratio, required }: BenchmarkRow): string[] {
  const spread = `${ratio.median.toFixed(2)}× (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
  return [benchmark, network, backend, String(batch), imagesPerSecond.toFixed(2), stockImagesPerSecond?.toFixed(2) ?? '–', spread, `${required}×`];
}
