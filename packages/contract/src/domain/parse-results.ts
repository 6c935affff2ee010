import { TouchstoneError } from '../errors.js';
import { parseJson } from '../parse.js';
import { Footer, Header, Outcome, ResultLine, type Status } from './outcome.js';

/** What one run found. */
export interface Results {
  readonly header: Header;
  readonly outcomes: readonly Outcome[];
  /** null: the run is incomplete. */
  readonly footer: Footer | null;
}

/** The file of a whole run, and that of one which has not ended. */
export const resultsFiles = { whole: 'results.ndjson', partial: 'results.partial.ndjson' } as const;

/** The text that `parseResults` reads. */
export function resultsText({ header, outcomes, footer }: Results): string {
  return [header, ...outcomes, ...(footer === null ? [] : [footer])]
    .map((line: ResultLine) => `${JSON.stringify(line)}\n`)
    .join('');
}

/**
 * The text of a `results.ndjson`, or of the `results.partial.ndjson` that an interrupted run leaves. A last line that
 * was cut off is left out, and the run is incomplete.
 * @param label whose text it is @throws TouchstoneError `bad-input`: the line at fault, or what contradicts itself
 */
export function parseResults(text: string, label: string): Results {
  const lines = text.split('\n');
  if (isCutOff(lines.at(-1)!)) lines.pop();
  let header: Header | null = null;
  let footer: Footer | null = null;
  const outcomes = new Map<string, Outcome>();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const place = `${label}, line ${index + 1}`;
    const refuse = (why: string) => new TouchstoneError('bad-input', `${place}: ${why}`, `Make ${label} again.`);
    if (header === null) header = parseJson(line, Header, place);
    else if (footer !== null) throw refuse('the footer must be the last line');
    else {
      const parsed = parseJson(line, ResultLine, place);
      if (parsed.kind === 'header') throw refuse('a second header');
      if (parsed.kind === 'footer') {
        checkCounts(parsed, [...outcomes.values()], refuse);
        checkPlanned(header, outcomes.size, refuse);
        footer = parsed;
      } else {
        const key = JSON.stringify([parsed.case, parsed.backend]);
        if (outcomes.has(key)) throw refuse(`${parsed.case} on ${parsed.backend} is given twice`);
        outcomes.set(key, parsed);
      }
    }
  }
  if (header === null)
    throw new TouchstoneError('bad-input', `${label} is empty`, 'Give the results.ndjson of touchstone verify.');
  return { header, outcomes: [...outcomes.values()], footer };
}

function isCutOff(last: string): boolean {
  if (last.trim() === '') return false;
  try {
    JSON.parse(last);
    return false;
  } catch {
    return true;
  }
}

/** Each case of the part has an outcome on each backend; cases that have no golden come in addition. */
function checkPlanned({ plan, backends, unavailable }: Header, found: number, refuse: Refuse): void {
  const planned = (plan?.places.length ?? 0) * (backends.length + unavailable.length);
  if (found < planned) throw refuse(`the plan has ${planned} outcomes, and the file ${found}`);
}

type Refuse = (why: string) => TouchstoneError;

function checkCounts(footer: Footer, outcomes: readonly Outcome[], refuse: Refuse): void {
  for (const status of ['passed', 'failed', 'skipped', 'errored'] satisfies Status[]) {
    const count = outcomes.filter((outcome) => outcome.status === status).length;
    if (count !== footer[status]) throw refuse(`"${status}" is ${footer[status]}, but ${count} of the lines are`);
  }
}
