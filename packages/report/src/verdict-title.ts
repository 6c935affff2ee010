import type { Outcome, Verdict } from '@touchstone/contract';
import { unansweredOf } from './tallies.js';

const titles: Readonly<Record<Verdict['kind'], string>> = {
  passed: 'Passed',
  failed: 'Not conformant',
  errored: 'Not judged: something broke, or nothing was judged',
  incomplete: 'Incomplete',
  damaged: 'Goldens damaged',
};

/** Whether a port passed, but did not answer every case. */
export function isPartial({ verdict, outcomes }: Judged): boolean {
  return verdict.kind === 'passed' && unansweredOf(outcomes) > 0;
}

/** The verdict in a few words. */
export function titleOf(run: Judged): string {
  return isPartial(run) ? 'Passed what was answered' : titles[run.verdict.kind];
}

interface Judged {
  readonly verdict: Verdict;
  readonly outcomes: readonly Outcome[];
}
