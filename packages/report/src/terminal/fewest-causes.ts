import type { LikelyCause, Outcome } from '@touchstone/contract';

/** A fault, as it is named. */
export type Named = Pick<LikelyCause, 'fault' | 'mutants' | 'remedy'>;

/** All that may be meant, what is named first before the others. */
export const meantBy = ({ fault, mutants, remedy, alternatives = [] }: LikelyCause): readonly Named[] => [
  { fault, mutants, remedy },
  ...alternatives,
];

/** Of the failures that have none of so many causes, each is told under the one that is named first. */
const MAX_CAUSES = 200;

/**
 * Failure → the cause under which it is told. Where several give the same, it is the one that explains most failures
 * of the run, so that one fault of a port is told once; of equal ones the one that is named first more often.
 */
export function fewestCauses(outcomes: readonly Outcome[]): ReadonlyMap<Outcome, Named> {
  const told = new Map<Outcome, Named>();
  const explained = explainedBy(outcomes);
  for (let n = 0; n < MAX_CAUSES && explained.size > 0; n++) {
    const most = [...explained.values()].reduce((best, one) => (isMore(one, best) ? one : best));
    if (most.failures.size === 0) break;
    for (const [failure, meant] of most.failures) {
      told.set(failure, most.cause);
      for (const [i, { fault }] of meant.entries()) {
        const other = explained.get(fault)!;
        if (other === most || !other.failures.delete(failure)) continue;
        if (i === 0) other.first--;
      }
    }
    explained.delete(most.cause.fault);
  }
  for (const outcome of outcomes)
    if (outcome.status === 'failed' && outcome.cause !== undefined && !told.has(outcome))
      told.set(outcome, meantBy(outcome.cause)[0]!);
  return told;
}

interface Explained {
  readonly cause: Named;
  /** Failures that are not told yet → all that may be meant by them. */
  readonly failures: Map<Outcome, readonly Named[]>;
  /** In how many of them it is named first. */
  first: number;
}

function isMore(a: Explained, b: Explained): boolean {
  return a.failures.size === b.failures.size ? a.first > b.first : a.failures.size > b.failures.size;
}

function explainedBy(outcomes: readonly Outcome[]): Map<string, Explained> {
  const explained = new Map<string, Explained>();
  for (const outcome of outcomes) {
    if (outcome.status !== 'failed' || outcome.cause === undefined) continue;
    const meant = meantBy(outcome.cause);
    for (const [i, cause] of meant.entries()) {
      const one = explained.get(cause.fault) ?? { cause, failures: new Map(), first: 0 };
      explained.set(cause.fault, one);
      one.failures.set(outcome, meant);
      if (i === 0) one.first++;
    }
  }
  return explained;
}
