import type { LikelyCause, Outcome } from '@touchstone/contract';

/** Lines of a reason that say the cause, which has a place of its own. */
const saysCause = /^(likely cause|could be|or|remedy): /;

/** The lines of the reason, without what is shown elsewhere. */
export function reasonLines(outcome: Outcome): string[] {
  const lines = (outcome.reason ?? '').split(/\r?\n/).filter((line) => line.trim() !== '');
  const hasCause = outcome.status === 'failed' && outcome.cause !== undefined;
  return hasCause ? lines.filter((line) => !saysCause.test(line)) : lines;
}

/** The cause, what to do about it, and what else gives the same. */
export function CauseOf({ cause }: { readonly cause: LikelyCause }) {
  const { fault, mutants, certain, remedy, alternatives = [] } = cause;
  return (
    <section class="cause" aria-label="Cause">
      <h3>{certain ? 'Likely cause' : 'Could be the cause'}</h3>
      <p>
        {fault}
        {byMutants(mutants)}
      </p>
      {remedy === null ? null : <p class="remedy">Remedy: {remedy}</p>}
      {alternatives.length === 0 ? null : (
        <>
          <h4>Or</h4>
          <ul>
            {alternatives.map((other) => (
              <li>
                {other.fault}
                {byMutants(other.mutants)}
                {other.remedy === null ? null : <p class="remedy">Remedy: {other.remedy}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** ` (mutant x)`: which known faults give the same. */
export function byMutants(ids: readonly string[]): string {
  return ids.length === 0 ? '' : ` (${ids.length === 1 ? 'mutant' : 'mutants'} ${ids.join(' and ')})`;
}
