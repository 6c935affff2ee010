import { useMemo } from 'preact/hooks';
import { counted, type Outcome } from '@touchstone/contract';
import { fewestCauses, type Named } from '../terminal/fewest-causes.js';
import { byMutants } from './cause.js';
import { isBad, type Entry } from './entries.js';
import { hashOf, type View } from './view.js';

const MAX_SHOWN = 5;

interface Shared {
  readonly cause: Named;
  readonly count: number;
  /** Of at least one failure. */
  readonly certain: boolean;
}

/** The causes under which the failures of the last run are told, those of most failures first. */
export function causesOf(outcomes: readonly Outcome[]): Shared[] {
  const counts = new Map<string, Shared>();
  for (const [outcome, cause] of fewestCauses(outcomes.filter(isBad))) {
    const { count = 0, certain = false } = counts.get(cause.fault) ?? {};
    const isCertain = outcome.status === 'failed' && outcome.cause?.certain === true;
    counts.set(cause.fault, { cause, count: count + 1, certain: certain || isCertain });
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count);
}

interface CausesProps {
  readonly entries: readonly Entry[];
  readonly view: View;
}

/** Where to begin: each cause with its remedy, and a link to its failures. */
export function Causes({ entries, view }: CausesProps) {
  const causes = useMemo(() => causesOf(entries.flatMap(({ outcomes }) => outcomes.at(-1) ?? [])), [entries]);
  if (causes.length === 0) return null;
  const all = { ...view, method: '', backend: '', network: '', open: '', on: '' };
  return (
    <section aria-labelledby="causes">
      <h2 id="causes">Why</h2>
      <ul class="cause">
        {causes.slice(0, MAX_SHOWN).map(({ cause: { fault, mutants, remedy }, count, certain }) => (
          <li>
            <a href={hashOf({ ...all, status: 'failed', q: fault })}>{counted(count, 'failure')}</a>:{' '}
            {certain ? '' : 'could be '}
            {fault}
            {byMutants(mutants)}
            {remedy === null ? null : <p class="remedy">Remedy: {remedy}</p>}
          </li>
        ))}
        {causes.length > MAX_SHOWN ? <li>and {counted(causes.length - MAX_SHOWN, 'more cause')}</li> : null}
      </ul>
    </section>
  );
}
