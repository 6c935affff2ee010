import type { Outcome } from '@touchstone/contract';
import { clean, figure } from '../text.js';
import { ratioOf, totals, verdicts, type Verdict } from '../verdicts.js';
import type { Colours } from './colours.js';

/** A cell and its colour; colours do not count in the widths. */
export interface Cell {
  readonly text: string;
  readonly colour?: (text: string) => string;
  readonly right?: boolean;
}

/** Lines of a table with aligned columns; all text is cleaned. */
export function formatTable(heads: readonly string[], rows: readonly (readonly Cell[])[], colours: Colours): string[] {
  const cleaned = rows.map((row) => row.map((cell) => ({ ...cell, text: clean(cell.text, 120) })));
  const right = heads.map((_, column) => cleaned.some((row) => row[column]?.right));
  const all: Cell[][] = [heads.map((text) => ({ text: clean(text, 120), colour: colours.dim })), ...cleaned];
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

/**
 * Methods × backends: how many cases passed, or how many did not, and in brackets how near the worst came to what is allowed;
 * below, each backend as a whole.
 */
export function verdictTable(outcomes: readonly Outcome[], colours: Colours): string[] {
  const [cells, backends] = [verdicts(outcomes), totals(outcomes)];
  const cellsOf = (method: string) =>
    backends.map(({ backend }) =>
      verdictCell(
        cells.find((cell) => cell.method === method && cell.backend === backend),
        colours,
      ),
    );
  const rows = [...new Set(cells.map(({ method }) => method))].map((method) =>
    [{ text: method }].concat(cellsOf(method)),
  );
  const whole = backends.map(({ backend, counts, worst }): Cell[] => [
    { text: backend },
    count(counts.passed, colours.green),
    count(counts.failed, colours.red),
    count(counts.skipped, colours.yellow),
    count(counts.errored, colours.red),
    {
      text: figure(worst && ratioOf(worst)),
      right: true,
      ...(worst?.status === 'failed' ? { colour: colours.red } : {}),
    },
    { text: worst ? `${worst.case}${worst.stage === null ? '' : ` (${worst.stage})`}` : '–' },
  ]);
  return [
    ...formatTable(['method', ...backends.map(({ backend }) => backend)], rows, colours),
    '',
    ...formatTable(
      ['backend', 'passed', 'failed', 'skipped', 'errored', 'error/allowed', 'worst case (stage)'],
      whole,
      colours,
    ),
  ];
}

function verdictCell(verdict: Verdict | undefined, colours: Colours): Cell {
  if (!verdict) return { text: '' };
  const { passed, failed, skipped, errored } = verdict.counts;
  const ratio = verdict.worst ? ` (${figure(ratioOf(verdict.worst))})` : '';
  if (failed + errored > 0)
    return { text: `✗ ${failed + errored} of ${passed + failed + skipped + errored}${ratio}`, colour: colours.red };
  if (passed === 0) return { text: `– ${skipped} skipped`, colour: colours.yellow };
  return { text: `✓ ${passed}${skipped > 0 ? ` of ${passed + skipped}` : ''}${ratio}`, colour: colours.green };
}

const GiB = 2 ** 30;
/** All of the full profile on one backend. */
const MAX_PEAKS = 60;

/**
 * The cases of `heavy`, and those whose engine held more than 1 GiB, the largest first, behind an empty line; nothing where there are
 * none. What is hardly more than the least of a backend is the engine's own, and is no case's.
 */
export function peakTable(outcomes: readonly Outcome[], heavy: ReadonlySet<string>, colours: Colours): string[] {
  const measured = outcomes
    .filter(({ peakBytes }) => peakBytes !== null)
    .toSorted((a, b) => b.peakBytes! - a.peakBytes!);
  const least = new Map(measured.map(({ backend, peakBytes }) => [backend, peakBytes!]));
  const large = measured.filter(
    ({ case: id, backend, peakBytes }) => heavy.has(id) || (peakBytes! > GiB && peakBytes! > 1.1 * least.get(backend)!),
  );
  if (large.length === 0) return [];
  const rows = large
    .slice(0, MAX_PEAKS)
    .map(({ peakBytes, backend, case: id }): Cell[] => [
      { text: `${(peakBytes! / GiB).toFixed(2)} GiB`, right: true },
      { text: backend },
      { text: id },
    ]);
  const more =
    large.length > MAX_PEAKS
      ? [`… and ${large.length - MAX_PEAKS} more, none above ${(large[MAX_PEAKS]!.peakBytes! / GiB).toFixed(2)} GiB`]
      : [];
  return ['', ...formatTable(['peak memory', 'backend', 'case'], rows, colours), ...more];
}

function count(value: number, colour: (text: string) => string): Cell {
  return { text: String(value), right: true, ...(value > 0 ? { colour } : {}) };
}
