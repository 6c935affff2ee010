import { countStatuses, knownFailuresOf, unansweredOf } from '../tallies.js';
import { worstVerdict, type ShownRun } from './shown-run.js';

/** The JSON that https://shields.io/badges/endpoint-badge reads. */
export interface Badge {
  readonly schemaVersion: 1;
  readonly label: string;
  readonly message: string;
  readonly color: 'brightgreen' | 'yellow' | 'red';
  /** Then shields.io lets no parameter of the address choose another colour. */
  readonly isError?: true;
}

/** All runs together in one badge. */
export function badgeOf(runs: readonly ShownRun[]): Badge {
  const outcomes = runs.flatMap(({ results }) => results.outcomes);
  const { passed, failed, errored } = countStatuses(outcomes);
  const red = (message: string): Badge => ({ schemaVersion: 1, label, message, color: 'red', isError: true });
  const bad = failed + errored;
  switch (worstVerdict(runs).kind) {
    case 'damaged':
      return red('a golden is damaged');
    case 'incomplete':
      return red('incomplete');
    case 'failed':
    case 'errored':
      return red(bad > 0 ? `${bad} of ${passed + bad} wrong` : passed > 0 ? 'not conformant' : 'nothing judged');
    case 'passed': {
      const missing = runs.reduce((sum, { results }) => sum + unansweredOf(results.outcomes), 0);
      const known = knownFailuresOf(outcomes);
      const parts = [
        `${passed} right`,
        ...(known > 0 ? [`${known} known wrong`] : []),
        ...(missing > 0 ? [`${missing} not answered`] : []),
      ];
      const color = parts.length > 1 ? 'yellow' : 'brightgreen';
      return { schemaVersion: 1, label, message: parts.join(', '), color };
    }
  }
}

const label = 'explanations';
