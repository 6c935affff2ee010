import type { LikelyCause, Outcome } from '@touchstone/contract';

/** A fault, as it is named. */
export type Named = Pick<LikelyCause, 'fault' | 'mutants' | 'remedy'>;

/** All that may be meant, what is named first before the others. */
export const meantBy = ({ fault, mutants, remedy, alternatives = [] }: LikelyCause): readonly Named[] => [
  { fault, mutants, remedy },
  ...alternatives,
];

/**
 * Failure → the cause under which it is told. Where several give the same, it is the one that explains most failures
 * of the run, so that one fault of a port is told once; of equal ones the one that is named first more often.
 */
export function fewestCauses(outcomes: readonly Outcome[]): ReadonlyMap<Outcome, Named> {
  const told = new Map<Outcome, Named>();
  let left = outcomes.flatMap((outcome) =>
    outcome.status === 'failed' && outcome.cause !== undefined ? [{ outcome, meant: meantBy(outcome.cause) }] : [],
  );
  while (left.length > 0) {
    const weights = new Map<string, { cause: Named; weight: number }>();
    for (const { meant } of left)
      for (const [i, cause] of meant.entries()) {
        const before = weights.get(cause.fault)?.weight ?? 0;
        weights.set(cause.fault, { cause, weight: before + 1 + (i === 0 ? 1 / (left.length + 1) : 0) });
      }
    const most = [...weights.values()].toSorted((a, b) => b.weight - a.weight)[0]!;
    const isMost = ({ fault }: Named): boolean => fault === most.cause.fault;
    for (const { outcome, meant } of left) if (meant.some(isMost)) told.set(outcome, most.cause);
    left = left.filter(({ meant }) => !meant.some(isMost));
  }
  return told;
}
