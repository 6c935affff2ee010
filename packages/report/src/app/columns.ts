import type { Outcome } from '@touchstone/contract';
import type { PageData } from '../page/page-data.js';
import { countStatuses, ratioOf, unansweredOf } from '../tallies.js';
import { comparesBackends, isBad, type Entry } from './entries.js';

/** The columns of one backend: one for each run. */
export interface BackendColumns {
  /** '' where each run has a backend of its own. */
  readonly backend: string;
  readonly runs: readonly number[];
}

/** Backends in order of first appearance, each with the runs that have it. */
export function columnsOf({ runs }: PageData): BackendColumns[] {
  if (comparesBackends({ runs })) return [{ backend: '', runs: runs.map((_, i) => i) }];
  const found = new Map<string, number[]>();
  for (const [i, { outcomes, header }] of runs.entries()) {
    const unavailable = new Set(header.unavailable.map(({ id }) => id));
    for (const backend of new Set(outcomes.map((outcome) => outcome.backend)))
      if (!unavailable.has(backend)) found.set(backend, [...(found.get(backend) ?? []), i]);
  }
  return [...found].map(([backend, at]) => ({ backend, runs: at }));
}

/** The outcomes of one method on one backend in one run. */
export interface MatrixCell {
  readonly counts: ReturnType<typeof countStatuses>;
  readonly bad: number;
  /** Of what was skipped, what the port did not answer. */
  readonly unanswered: number;
  /** The largest error/allowed; null: nothing was judged. */
  readonly worst: number | null;
  /** Of one run of each case, together, of the cases that were measured in all runs; null: none was. */
  readonly milliseconds: number | null;
}

export interface MatrixRow {
  readonly method: string;
  /** Backend → by run; undefined: no outcome. */
  readonly cells: ReadonlyMap<string, readonly (MatrixCell | undefined)[]>;
  readonly bad: number;
}

/** Methods with failures first, then in order of appearance. */
export function rowsOf(data: PageData, entries: readonly Entry[]): MatrixRow[] {
  const order = new Set(data.runs.flatMap(({ outcomes }) => outcomes.map(({ method }) => method)));
  const byMethod = groupedBy(entries, ({ method }) => method);
  const rows = [...order].map((method) => rowOf(method, byMethod.get(method) ?? [], data.runs.length));
  return rows.sort((a, b) => Number(b.bad > 0) - Number(a.bad > 0));
}

/** All methods together. */
export function totalOf(data: PageData, entries: readonly Entry[]): MatrixRow {
  return rowOf('all methods', entries, data.runs.length);
}

function rowOf(method: string, entries: readonly Entry[], runs: number): MatrixRow {
  const cells = new Map<string, (MatrixCell | undefined)[]>();
  for (const [backend, mine] of groupedBy(entries, ({ backend: id }) => id)) {
    const timed = mine.filter(({ outcomes }) => outcomes.every((outcome) => timeOf(outcome) !== null));
    const cellOf = (run: number): MatrixCell | undefined => {
      const outcomes = mine.flatMap((entry) => entry.outcomes[run] ?? []);
      if (outcomes.length === 0) return undefined;
      const ratios = outcomes.map(ratioOf).filter((ratio) => ratio !== null);
      return {
        counts: countStatuses(outcomes),
        bad: outcomes.filter(isBad).length,
        unanswered: unansweredOf(outcomes),
        worst: ratios.length === 0 ? null : ratios.reduce((a, b) => Math.max(a, b)),
        milliseconds: timed.length === 0 ? null : timed.reduce((sum, { outcomes: all }) => sum + timeOf(all[run]!)!, 0),
      };
    };
    cells.set(
      backend,
      Array.from({ length: runs }, (_, run) => cellOf(run)),
    );
  }
  const last = [...cells.values()].map((each) => each.at(-1));
  return { method, cells, bad: last.reduce((sum, cell) => sum + (cell?.bad ?? 0), 0) };
}

/** In milliseconds. */
export function timeOf(outcome: Outcome | null): number | null {
  return outcome !== null && 'milliseconds' in outcome ? (outcome.milliseconds ?? null) : null;
}

function groupedBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
