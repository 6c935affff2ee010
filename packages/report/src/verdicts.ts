import type { Header, Outcome, Status } from '@touchstone/contract';

/** What one method did on one backend. */
export interface Verdict {
  readonly method: string;
  readonly backend: string;
  readonly counts: Readonly<Record<Status, number>>;
  /** The judged outcome with the largest ratio to what is allowed; null where nothing was judged. */
  readonly worst: Outcome | null;
}

/** Rows method × backend, in order of first appearance: methods, then backends. */
export function verdicts(outcomes: readonly Outcome[]): Verdict[] {
  const backends = [...new Set(outcomes.map((o) => o.backend))];
  const methods = [...new Set(outcomes.map((o) => o.method))];
  return methods.flatMap((method) =>
    backends.flatMap((backend) => {
      const mine = outcomes.filter((o) => o.method === method && o.backend === backend);
      return mine.length > 0 ? [{ method, backend, counts: countStatuses(mine), worst: worstOf(mine) }] : [];
    }),
  );
}

const every = 'every method';

/** Rows of all methods together, one for each backend. */
export function totals(outcomes: readonly Outcome[]): Verdict[] {
  return verdicts(outcomes.map((outcome) => ({ ...outcome, method: every })));
}

/** What ran: without the outcomes of backends that cannot, whose reason is told once. */
export function withoutUnavailable(outcomes: readonly Outcome[], unavailable: Header['unavailable']): Outcome[] {
  return outcomes.filter(({ backend }) => !unavailable.some(({ id }) => id === backend));
}

export function countStatuses(outcomes: readonly Outcome[]): Record<Status, number> {
  const counts = { passed: 0, failed: 0, skipped: 0, errored: 0 };
  for (const { status } of outcomes) counts[status]++;
  return counts;
}

/** The ratio to what is allowed; ∞ for a failure that cannot be measured, such as a wrong shape. */
export function ratioOf({ status, ratio }: Outcome): number | null {
  return status === 'failed' ? (ratio ?? Infinity) : ratio;
}

function worstOf(outcomes: readonly Outcome[]): Outcome | null {
  let worst: Outcome | null = null;
  for (const outcome of outcomes) {
    const ratio = ratioOf(outcome);
    if (ratio !== null && (worst === null || ratio > ratioOf(worst)!)) worst = outcome;
  }
  return worst;
}
