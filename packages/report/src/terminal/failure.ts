import { counted, plainText, type Failed, type Outcome } from '@touchstone/contract';
import { MAX_LINE, plainLines } from '../text.js';
import type { Colours } from './colours.js';
import { meantBy, type Named } from './fewest-causes.js';

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

/** Cases of one cause that are named. */
const MAX_NAMED = 6;
/** Other causes of them that are said. */
const MAX_ALTERNATIVES = 2;

/** Failures with one cause, which is said once, with what explains all of them too. @param replay of the first */
export function describeCause(
  { fault, mutants, remedy }: Named,
  failures: readonly Failed[],
  replay: string,
  colours: Colours,
): string[] {
  const certain = failures.some(({ cause }) => cause!.certain);
  const named = failures.slice(0, MAX_NAMED).map(({ case: id, backend, stage }) => {
    return `    ${plainText(id, 200)} on ${plainText(backend, 40)}, stage "${plainText(stage, 100)}"`;
  });
  const more = failures.length - named.length;
  const [first, ...others] = failures.map(({ cause }) => meantBy(cause!));
  const alternatives = first!.filter(
    (each) => each.fault !== fault && others.every((meant) => meant.some((other) => other.fault === each.fault)),
  );
  const heading = `${certain ? 'likely cause' : 'could be the cause'} of ${counted(failures.length, 'failure')}`;
  return [
    `${markOf(failures[0]!, colours)} ${colours.bold(heading)}: ${plainText(fault, MAX_LINE)}${byMutants(mutants)}`,
    ...alternatives.slice(0, MAX_ALTERNATIVES).map((other) => {
      const named = `${plainText(other.fault, MAX_LINE)}${byMutants(other.mutants)}`;
      return `    or: ${named}, which gives the same in all of them`;
    }),
    ...(remedy === null ? [] : [`    remedy: ${plainText(remedy, MAX_LINE)}`]),
    ...named,
    ...(more > 0 ? [`    … and ${more} more, which are in the results`] : []),
    `    replay: ${plainText(replay, 400)}`,
  ];
}

const byMutants = (ids: readonly string[]): string =>
  ids.length === 0 ? '' : ` (${ids.length === 1 ? 'mutant' : 'mutants'} ${plainText(ids.join(' and '), 200)})`;

function markOf({ status }: Outcome, colours: Colours): string {
  if (status === 'passed') return colours.green('✓');
  return status === 'skipped' ? colours.yellow('–') : colours.red('✗');
}

/** The reason alone describes a failure. */
function prefixOf(outcome: Outcome): string {
  if (outcome.status === 'failed') return '';
  return outcome.status === 'errored' ? `errored (${plainText(outcome.code, 40)}): ` : `${outcome.status}: `;
}
