import { counted, type Outcome } from '@touchstone/contract';
import { figure } from '../figures.js';
import { ratioOf, tallies, tallyText, totals, type Tally } from '../tallies.js';
import type { Colours } from './colours.js';
import { fits, formatTable, type Cell } from './format-table.js';

/**
 * Methods × backends: how many cases passed, or how many did not, and in brackets the largest error/allowed; below,
 * each backend as a whole. Where a line would be wider than `width`, the backends are split over several tables, and
 * each worst case has a line of its own.
 */
export function tallyTable(outcomes: readonly Outcome[], colours: Colours, width = Infinity): string[] {
  return [
    ...methodTables(outcomes, colours, width),
    '',
    ...backendTable(totals(outcomes).slice(0, MAX_BACKENDS), colours, width),
    colours.dim("error/allowed, also in brackets: a stage's error ÷ its tolerance; ≤ 1 passes"),
  ];
}

/** Runs of Touchstone have fewer; a file may say anything. */
const [MAX_METHODS, MAX_BACKENDS] = [100, 24];

function more(count: number, of: string): string[] {
  return count > 0 ? [`… and ${counted(count, of)}`] : [];
}

function methodTables(outcomes: readonly Outcome[], colours: Colours, width: number): string[] {
  const cells = tallies(outcomes);
  const all = [...new Set(cells.map(({ method }) => method))];
  const methods = all.slice(0, MAX_METHODS);
  const found = new Map(cells.map((cell) => [JSON.stringify([cell.method, cell.backend]), cell]));
  const tableOf = (backends: readonly string[]): string[] => {
    const rows = methods.map((method) => {
      const of = (backend: string) => found.get(JSON.stringify([method, backend]));
      return [{ text: method } as Cell].concat(backends.map((backend) => tallyCell(of(backend), colours)));
    });
    return formatTable(['method', ...backends], rows, colours);
  };
  const tables: string[][] = [];
  const backends = [...new Set(cells.map(({ backend }) => backend))];
  let rest = backends.slice(0, MAX_BACKENDS);
  while (rest.length > 0) {
    let count = rest.length;
    while (count > 1 && !fits(tableOf(rest.slice(0, count)), width)) count--;
    tables.push(tableOf(rest.slice(0, count)));
    rest = rest.slice(count);
  }
  return [
    ...tables.flatMap((table, index) => (index === 0 ? table : [''].concat(table))),
    ...more(all.length - methods.length, 'more method'),
    ...more(backends.length - MAX_BACKENDS, 'more backend'),
  ];
}

function backendTable(rows: readonly Tally[], colours: Colours, width: number): string[] {
  const heads = ['backend', 'passed', 'failed', 'skipped', 'errored', 'error/allowed'];
  const cells = rows.map(({ backend, counts, worst }): Cell[] => [
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
  ]);
  const worstCases = rows.map(({ worst }) => (worst ? `${worst.case} (${worst.stage})` : '–'));
  const wide = formatTable(
    [...heads, 'worst case (stage)'],
    cells.map((row, index) => [...row, { text: worstCases[index]! }]),
    colours,
  );
  if (fits(wide, width)) return wide;
  return [
    ...formatTable(heads, cells, colours),
    '',
    ...formatTable(
      ['backend', 'worst case (stage)'],
      rows.map(({ backend }, index) => [{ text: backend }, { text: worstCases[index]! }]),
      colours,
    ),
  ];
}

function tallyCell(tally: Tally | undefined, colours: Colours): Cell {
  if (!tally) return { text: '' };
  const { passed, failed, errored } = tally.counts;
  const colour = failed + errored > 0 ? colours.red : passed === 0 ? colours.yellow : colours.green;
  return { text: tallyText(tally), colour };
}

const GiB = 2 ** 30;
/** All of the full profile on one backend. */
const MAX_PEAKS = 60;

/**
 * After an empty line, the cases of `heavy` and those whose process held more than 1 GiB, the largest first; empty if
 * there are none. Up to 1.1 times a backend's minimum is its own need, not that of a case.
 */
export function peakTable(outcomes: readonly Outcome[], heavy: ReadonlySet<string>, colours: Colours): string[] {
  const measured = outcomes
    .flatMap((outcome) => {
      const { case: id, backend, status } = outcome;
      const bytes = status === 'passed' || status === 'failed' ? outcome.peakBytes : undefined;
      return bytes === undefined ? [] : [{ id, backend, bytes }];
    })
    .toSorted((a, b) => b.bytes - a.bytes);
  const least = new Map(measured.map(({ backend, bytes }) => [backend, bytes]));
  const large = measured.filter(
    ({ id, backend, bytes }) => heavy.has(id) || (bytes > GiB && bytes > 1.1 * least.get(backend)!),
  );
  if (large.length === 0) return [];
  const rows = large
    .slice(0, MAX_PEAKS)
    .map(({ bytes, backend, id }): Cell[] => [
      { text: `${(bytes / GiB).toFixed(2)} GiB`, right: true },
      { text: backend },
      { text: id },
    ]);
  const more =
    large.length > MAX_PEAKS
      ? [`… and ${large.length - MAX_PEAKS} more, none above ${(large[MAX_PEAKS]!.bytes / GiB).toFixed(2)} GiB`]
      : [];
  return ['', ...formatTable(['peak memory', 'backend', 'case'], rows, colours), ...more];
}

function count(value: number, colour: (text: string) => string): Cell {
  return { text: String(value), right: true, ...(value > 0 ? { colour } : {}) };
}
