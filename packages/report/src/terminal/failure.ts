import { plainText, type Outcome } from '@touchstone/contract';
import { plainLines } from '../text.js';
import type { Colours } from './colours.js';

/** Lines of the reason that are shown, the headline among them. */
const MAX_LINES = 8;

/**
 * An outcome for people: what happened, why the case exists, and the command that explains it again. At most a dozen
 * lines; the first is the first line of the reason.
 */
export function describeOutcome(outcome: Outcome, why: string | undefined, replay: string, colours: Colours): string[] {
  const name = `${plainText(outcome.case, 200)} on ${plainText(outcome.backend, 40)}`;
  const [headline = '', ...rest] = plainLines(outcome.reason ?? '', MAX_LINES);
  return [
    `${markOf(outcome, colours)} ${colours.bold(name)}: ${prefixOf(outcome)}${headline}`.replace(/: $/, ''),
    ...rest.map((line) => `    ${line}`),
    ...(why === undefined ? [] : [`    why this case exists: ${plainText(why, 200)}`]),
    `    replay: ${plainText(replay, 400)}`,
  ];
}

function markOf({ status }: Outcome, colours: Colours): string {
  if (status === 'passed') return colours.green('✓');
  return status === 'skipped' ? colours.yellow('–') : colours.red('✗');
}

/** The reason alone describes a failure. */
function prefixOf(outcome: Outcome): string {
  if (outcome.status === 'failed') return '';
  return outcome.status === 'errored' ? `errored (${plainText(outcome.code, 40)}): ` : `${outcome.status}: `;
}
