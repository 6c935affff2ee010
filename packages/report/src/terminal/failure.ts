import type { Outcome } from '@touchstone/contract';
import { clean, cleanLines } from '../text.js';
import type { Colours } from './colours.js';

/** Lines of the reason that are shown, the headline among them. */
const MAX_LINES = 8;

/**
 * What a person needs of an outcome that is not a pass: what happened, why the case exists, the command that runs it again.
 * At most a dozen lines; the first is the first line of the reason.
 */
export function describeOutcome(outcome: Outcome, why: string | undefined, replay: string, colours: Colours): string[] {
  const name = `${clean(outcome.case, 200)} on ${clean(outcome.backend, 40)}`;
  const [headline = 'no reason was given', ...rest] = cleanLines(outcome.reason ?? '', MAX_LINES);
  const code = outcome.status === 'errored' ? `errored (${clean(outcome.code ?? 'internal', 40)}): ` : '';
  return [
    `${colours.red('✗')} ${colours.bold(name)}: ${code}${headline}`,
    ...rest.map((line) => `    ${line}`),
    ...(why === undefined ? [] : [`    why this case exists: ${clean(why, 200)}`]),
    `    replay: ${clean(replay, 400)}`,
  ];
}
