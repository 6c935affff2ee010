import type { Outcome, Status } from '@touchstone/contract';
import type { PageData, PageRun } from '../page/page-data.js';
import { ratioOf } from '../tallies.js';
import type { View } from './view.js';

/** A line of the list: one case on one backend, in each of the runs. */
export interface Entry {
  readonly case: string;
  readonly method: string;
  readonly network: string;
  /** '': each run has a backend of its own, and these are compared. */
  readonly backend: string;
  /** By run; null: the run has no such outcome. */
  readonly outcomes: readonly (Outcome | null)[];
  /** Where the outcome is in each run's list. */
  readonly places: readonly number[];
  /** Of the last run; `gone` where only earlier ones have it. */
  readonly status: Status | 'gone';
  /** The largest error/allowed of the last run; null: not judged. */
  readonly ratio: number | null;
  readonly change: Change | null;
  /** What a search looks through. */
  readonly words: string;
}

/** From the first run that has the outcome to the last. */
export type Change = 'broken' | 'fixed' | 'new' | 'gone' | 'other';

/** Failures first, the furthest from what is allowed before others; then what was skipped, then passes. */
export function entriesOf({ runs }: PageData): Entry[] {
  const merged = comparesBackends({ runs });
  const found = new Map<string, { outcomes: (Outcome | null)[]; places: number[] }>();
  for (const [run, { outcomes }] of runs.entries())
    for (const [place, outcome] of outcomes.entries()) {
      const key = JSON.stringify([outcome.case, merged ? '' : outcome.backend]);
      const entry = found.get(key) ?? { outcomes: runs.map(() => null), places: runs.map(() => -1) };
      entry.outcomes[run] = outcome;
      entry.places[run] = place;
      found.set(key, entry);
    }
  const entries = [...found.values()].map(({ outcomes, places }): Entry => {
    const any = outcomes.find((outcome) => outcome !== null)!;
    const last = outcomes.at(-1) ?? null;
    return {
      case: any.case,
      method: any.method,
      network: any.network,
      backend: merged ? '' : any.backend,
      outcomes,
      places,
      status: last === null ? 'gone' : last.status,
      ratio: last === null ? null : ratioOf(last),
      change: changeOf(outcomes),
      words: wordsOf(any, outcomes),
    };
  });
  return entries.sort((a, b) => rankOf(a) - rankOf(b) || (b.ratio ?? -1) - (a.ratio ?? -1));
}

/** Whether each run has one backend, and all have different ones: then they are compared case by case. */
export function comparesBackends({ runs }: { readonly runs: readonly Pick<PageRun, 'outcomes'>[] }): boolean {
  const used = runs.map(({ outcomes }) => new Set(outcomes.map(({ backend }) => backend)));
  const all = new Set(used.flatMap((each) => [...each]));
  return runs.length > 1 && used.every(({ size }) => size === 1) && all.size === runs.length;
}

function wordsOf(any: Outcome, outcomes: readonly (Outcome | null)[]): string {
  const reasons = outcomes.map((outcome) => {
    if (outcome === null) return '';
    const fault = outcome.status === 'failed' ? (outcome.cause?.fault ?? '') : '';
    return `${outcome.backend} ${outcome.status} ${outcome.reason ?? ''} ${fault}`;
  });
  return `${any.case} ${reasons.join(' ')}`.toLowerCase();
}

const ranks: Record<Entry['status'], number> = { failed: 0, errored: 0, gone: 1, skipped: 2, passed: 3 };

/** What changed comes before what did not. */
function rankOf({ status, change }: Entry): number {
  return ranks[status] - (change === 'broken' ? 1 : change === null ? 0 : 0.5);
}

function changeOf(outcomes: readonly (Outcome | null)[]): Change | null {
  if (outcomes.length < 2) return null;
  const given = outcomes.filter((outcome) => outcome !== null);
  if (outcomes.at(-1) === null) return 'gone';
  const [first, last] = [given[0]!, given.at(-1)!];
  if (first.status !== last.status) {
    if (isBad(last)) return 'broken';
    return isBad(first) && last.status === 'passed' ? 'fixed' : 'other';
  }
  if (given.some(({ status }) => status !== last.status)) return 'other';
  return outcomes[0] === null ? 'new' : null;
}

export function isBad({ status }: Pick<Outcome, 'status'>): boolean {
  return status === 'failed' || status === 'errored';
}

/** The entries that a view shows, in their order. */
export function shownIn(view: View, entries: readonly Entry[]): Entry[] {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(
    (entry) =>
      (view.method === '' || entry.method === view.method) &&
      (view.backend === '' || entry.backend === view.backend) &&
      (view.network === '' || entry.network === view.network) &&
      hasStatus(entry, view.status) &&
      words.every((word) => entry.words.includes(word)),
  );
}

function hasStatus({ status, change }: Entry, wanted: string): boolean {
  if (wanted === '') return true;
  if (wanted === 'bad') return status === 'failed' || status === 'errored';
  if (wanted === 'changed') return change !== null;
  return status === wanted || change === wanted;
}
