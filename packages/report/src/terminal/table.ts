import type { Outcome } from '@touchstone/contract';
import { clean, figure } from '../text.js';
import { ratioOf, verdicts } from '../verdicts.js';
import type { Verdict } from '../verdicts.js';
import type { Colours } from './colours.js';

/** A cell and its colour; colours do not count in the widths. */
export interface Cell {
  readonly text: string;
  readonly colour?: (text: string) => string;
  readonly right?: boolean;
}

/** Lines of a table with aligned columns; every cell is cleaned. */
export function formatTable(heads: readonly string[], rows: readonly (readonly Cell[])[], colours: Colours): string[] {
  const cleaned = rows.map((row) => row.map((cell) => ({ ...cell, text: clean(cell.text, 120) })));
  const right = heads.map((_, column) => cleaned.some((row) => row[column]?.right));
  const all: Cell[][] = [heads.map((text) => ({ text, colour: colours.dim })), ...cleaned];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)));
  return all.map((row) =>
    row
      .map(({ text, colour }, column) => {
        const space = ' '.repeat(widths[column]! - text.length);
        const painted = colour ? colour(text) : text;
        return right[column] ? space + painted : column === row.length - 1 ? painted : painted + space;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Methods × backends: how many passed, failed, were skipped or errored, and how near the worst came to what is allowed. */
export function verdictTable(outcomes: readonly Outcome[], colours: Colours): string[] {
  const rows = verdicts(outcomes).map(({ method, backend, counts, worst }: Verdict): Cell[] => [
    { text: method },
    { text: backend },
    count(counts.passed, colours.green),
    count(counts.failed, colours.red),
    count(counts.skipped, colours.yellow),
    count(counts.errored, colours.red),
    { text: figure(worst && ratioOf(worst)), right: true, ...(worst?.status === 'failed' ? { colour: colours.red } : {}) },
    { text: worst ? `${worst.case}${worst.stage === null ? '' : ` (${worst.stage})`}` : '–' },
  ]);
  return formatTable(['method', 'backend', 'passed', 'failed', 'skipped', 'errored', 'error/allowed', 'worst case (stage)'], rows, colours);
}

function count(value: number, colour: (text: string) => string): Cell {
  return { text: String(value), right: true, ...(value > 0 ? { colour } : {}) };
}
