import { counted, plainText, type Outcome } from '@touchstone/contract';
import { coloursFor } from '../terminal/colours.js';
import { describeGroup, failureGroups, worstFirst, type FailureGroup } from '../terminal/failure-groups.js';
import type { Place, ShownRun } from './shown-run.js';

const plain = coloursFor({}, { NO_COLOR: '1' });

/** GitHub shows so many errors of a step, and drops the others. */
const MAX_SHOWN = 10;

interface Annotation {
  readonly title: string;
  readonly message: string;
  readonly place: Place | null;
}

/**
 * Lines for the log of a GitHub workflow, which become annotations: what is wrong with a run as a whole, then the worst
 * failures; the last says how many more there are.
 */
export function renderAnnotations(runs: readonly ShownRun[]): string[] {
  const all = runs.flatMap(ofTheRun).concat(ofFailures(runs));
  if (all.length <= MAX_SHOWN) return all.map(lineOf);
  const message = `${counted(all.length - MAX_SHOWN + 1, 'more annotation')}; the results have all`;
  return [...all.slice(0, MAX_SHOWN - 1), { title: 'Touchstone', message, place: null }].map(lineOf);
}

function ofTheRun({ verdict, label }: ShownRun): Annotation[] {
  const title = label === null ? 'Touchstone' : `Touchstone: ${plainText(label, 100)}`;
  return verdict.reasons.map((reason) => ({ title, message: plainText(reason, 800), place: null }));
}

function ofFailures(runs: readonly ShownRun[]): Annotation[] {
  const groups = runs.flatMap((run) => {
    const { header, outcomes } = run.results;
    const isMissing = ({ backend }: Outcome): boolean => header.unavailable.some(({ id }) => id === backend);
    // A backend that is required and missing is one annotation, because its cases have one reason.
    return failureGroups(outcomes).map((group) => Object.assign({ run, last: isMissing(group.outcomes[0]) }, group));
  });
  const ranked = worstFirst(groups.filter(({ last }) => !last)).concat(groups.filter(({ last }) => last));
  return ranked.map(({ run, outcomes, cause }) => ({
    title: titleOf(outcomes),
    message: describeGroup({ outcomes, cause }, run, plain).join('\n'),
    place: run.placeOf(outcomes[0]),
  }));
}

function titleOf([{ case: id, backend, status }, ...more]: FailureGroup['outcomes']): string {
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `${plainText(id, 150)} on ${plainText(backend, 40)}${others} ${status}`;
}

function lineOf({ title, message, place }: Annotation): string {
  const at = place === null ? [] : [`file=${property(place.file)}`, `line=${place.line}`];
  return `::error ${[...at, `title=${property(title)}`].join(',')}::${data(message)}`;
}

/** As the runner of GitHub reads it back. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
