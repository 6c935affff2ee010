import { plainText, verdictOf, type Header, type Outcome, type Results, type Verdict } from '@touchstone/contract';
import { countsText } from '../tallies.js';
import type { About } from '../terminal/failure-groups.js';
import { duration } from '../figures.js';
import { titleOf } from '../verdict-title.js';

/** Lines count from 1. */
export interface Place {
  /** Relative to the repository, with `/`. */
  readonly file: string;
  readonly line: number;
}

/** A run, as the formats show it. */
export interface ShownRun extends About {
  readonly results: Results;
  readonly verdict: Verdict;
  /** The file, where several are shown together. */
  readonly label: string | null;
  /** Where in the user's sources a case is shown; null: nowhere. */
  readonly placeOf: (outcome: Outcome) => Place | null;
}

/** `Not conformant: 40 passed, 2 failed, 0 skipped, 0 errored in 4.1 s` */
export function verdictText({ results: { outcomes, footer }, verdict }: ShownRun): string {
  const time = footer === null ? '' : ` in ${duration(footer.milliseconds)}`;
  return `${titleOf({ verdict, outcomes })}: ${countsText(outcomes)}${time}`;
}

/** The one of several that decides: a damaged golden before a failure, that before what broke. */
export function worstVerdict(runs: readonly Pick<ShownRun, 'verdict'>[]): Verdict {
  const rank = { damaged: 4, failed: 3, incomplete: 2, errored: 1, passed: 0 } as const;
  // An incomplete run in which something failed has the exit status of a failure.
  const rankOf = ({ kind, exitStatus }: Verdict): number => (exitStatus === 1 ? rank.failed : rank[kind]);
  const verdicts = runs.map(({ verdict }) => verdict);
  return verdicts.toSorted((a, b) => rankOf(b) - rankOf(a))[0] ?? verdictOfNothing;
}

const verdictOfNothing: Verdict = { exitStatus: 4, kind: 'errored', reasons: ['nothing was judged'], findings: [] };

/** What was tested, with what, where: name → value, in text that is clean. */
export function provenanceOf({ touchstone, golden, port, started, machine }: Header): ReadonlyMap<string, string> {
  const values = { touchstone, goldens: golden.slice(0, 12), port: port.name, version: port.version, machine, started };
  return new Map(Object.entries(values).map(([name, value]) => [name, plainText(value, 200)]));
}

/** @param findings in addition to those that the results have */
export function shownRun(
  results: Results,
  { findings, ...more }: Omit<ShownRun, 'results' | 'verdict'> & { readonly findings: readonly string[] },
): ShownRun {
  return { ...more, results, verdict: verdictOf(results, findings) };
}
