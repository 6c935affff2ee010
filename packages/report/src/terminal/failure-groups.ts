import { counted, type Failed, type Outcome } from '@touchstone/contract';
import { ratioOf } from '../tallies.js';
import type { Colours } from './colours.js';
import { describeCause, describeOutcome } from './failure.js';
import { fewestCauses, type Named } from './fewest-causes.js';

/** Outcomes that failed or errored, and are told together: one cause, or the same error of one backend. */
export interface FailureGroup {
  readonly outcomes: readonly [Outcome, ...Outcome[]];
  readonly cause: Named | undefined;
}

/** What is said of a case in addition to its outcome. */
export interface About {
  /** Case id → the reason why it exists. */
  readonly why: ReadonlyMap<string, string>;
  /** The command that explains one outcome. */
  readonly replay: (outcome: Outcome) => string;
}

/** The outcomes that failed or errored, in the order of the first of each group. */
export function failureGroups(outcomes: readonly Outcome[]): FailureGroup[] {
  const bad = outcomes.filter(({ status }) => status === 'failed' || status === 'errored');
  const causes = fewestCauses(bad);
  const groups = new Map<string | number, [Outcome, ...Outcome[]]>();
  for (const [index, outcome] of bad.entries()) {
    const { backend, reason, status } = outcome;
    const key =
      status === 'errored'
        ? JSON.stringify([backend, outcome.code, reason])
        : causes.has(outcome)
          ? `cause ${causes.get(outcome)!.fault}`
          : index;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  return [...groups.values()].map((group) => ({ outcomes: group, cause: causes.get(group[0]) }));
}

/** The worst first: failures by their error/allowed, then errors; of equals, in their order. */
export function worstFirst<Group extends Pick<FailureGroup, 'outcomes'>>(groups: readonly Group[]): Group[] {
  const badness = ({ outcomes }: Group): number =>
    outcomes.reduce((most, outcome) => Math.max(most, ratioOf(outcome) ?? -1), -1);
  const ranked = groups.map((group) => ({ group, rank: badness(group) }));
  return ranked.toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank)).map(({ group }) => group);
}

/** A group for people, in at most a dozen lines and a half. */
export function describeGroup({ outcomes, cause }: FailureGroup, { why, replay }: About, colours: Colours): string[] {
  const [outcome, ...more] = outcomes;
  if (more.length > 0 && outcome.status === 'failed')
    return describeCause(cause!, outcomes as readonly Outcome[] as readonly Failed[], replay(outcome), colours);
  const lines = describeOutcome(outcome, why.get(outcome.case), replay(outcome), colours);
  return more.length > 0 ? lines.concat(`    the same of ${counted(more.length, 'more case')}`) : lines;
}
