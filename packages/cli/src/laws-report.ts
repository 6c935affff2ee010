/** The results of `touchstone laws`, for people and as JSON. */
import { replayOf, reportOf, type Law, type LawResult } from '@touchstone/laws';
import { coloursFor, formatTable, type Cell } from '@touchstone/report';
import type { JsonOutput } from './json-outputs.js';
import { print } from './output.js';
import { faultLines } from './port-faults.js';

/** A backend or port, and the options of the command that open it. */
export interface SubjectRow {
  readonly name: string;
  readonly options: string;
  readonly device: string | null;
  /** Why it was not tested; null: it was. */
  readonly unavailable: string | null;
}

export interface LawRow {
  readonly law: Law;
  readonly subject: SubjectRow;
  readonly result: LawResult;
  readonly milliseconds: number;
}

export interface LawRun {
  readonly seed: number;
  readonly runs: number;
  readonly subjects: SubjectRow[];
  readonly rows: LawRow[];
  /** What a port did against the rules of ports: whatever it answered does not count. */
  readonly faults: string[];
}

/** A table with a row per law that was tested and a column per subject, then what needs words. */
export function printLaws({ seed, subjects, rows, faults }: LawRun, chosen: readonly Law[]): void {
  const colours = coloursFor(process.stdout);
  const tested = subjects.filter(({ unavailable }) => unavailable === null);
  const cellOf = (law: Law, name: string): Cell => {
    const row = rows.find((each) => each.law === law && each.subject.name === name);
    if (row === undefined) return { text: '–', right: true };
    const { status, judged } = row.result;
    if (status === 'broken') return { text: 'broken', colour: colours.red, right: true };
    return status === 'skipped'
      ? { text: 'skipped', colour: colours.yellow, right: true }
      : { text: String(judged), right: true };
  };
  const shown = chosen.filter((law) => rows.some((row) => row.law === law && row.result.status !== 'skipped'));
  const table = shown.map((law): Cell[] => [
    { text: law.id },
    ...tested.map(({ name }) => cellOf(law, name)),
    { text: law.title },
  ]);
  const heads = ['law', ...tested.map(({ name }) => name), 'what holds'];
  if (shown.length > 0) print(...formatTable(heads, table, colours, process.stdout.columns ?? 80));
  for (const { name, unavailable } of subjects)
    if (unavailable !== null) print(`${name} was not tested: ${unavailable}`);
  for (const line of skipsOf(rows)) print(line);
  for (const { law, result, subject } of rows)
    if (result.status === 'broken') print('', colours.red(reportOf(law, result, subject)));
  const count = (status: string): number => rows.filter(({ result }) => result.status === status).length;
  const examples = rows.reduce((sum, { result }) => sum + result.judged, 0);
  const counts = [`${count('held')} held`, `${count('broken')} broken`, `${count('skipped')} skipped`];
  const summary = `${counts.join(', ')}; ${examples} examples, seed ${seed}`;
  print('', count('broken') > 0 ? colours.red(summary) : summary, ...faultLines(faults, colours));
}

/** Which laws were skipped, by reason; and how many examples of the others. */
function skipsOf(rows: readonly LawRow[]): string[] {
  const ids = new Map<string, string[]>();
  for (const { law, subject, result } of rows) {
    if (result.status !== 'skipped') continue;
    const why = `skipped on ${subject.name}, ${result.reason}`;
    ids.set(why, [...(ids.get(why) ?? []), law.id]);
  }
  const unanswered = new Map<string, number>();
  for (const { subject, result } of rows)
    unanswered.set(subject.name, (unanswered.get(subject.name) ?? 0) + result.unanswered);
  return [
    ...[...ids].map(([why, each]) => `${why}: ${each.join(' ')}`),
    ...[...unanswered].flatMap(([name, count]) => (count > 0 ? [`${name} did not answer ${count} examples`] : [])),
  ];
}

export function jsonOf({ seed, runs, subjects, rows, faults }: LawRun): JsonOutput<'laws'> {
  return {
    seed,
    runs,
    subjects: subjects.map(({ name, device, unavailable }) => ({ name, device, unavailable })),
    results: rows.map(({ law, subject, result, milliseconds }) => {
      const { status, judged, skipped, unanswered } = result;
      return {
        law: law.id,
        subject: subject.name,
        status,
        judged,
        skipped,
        unanswered,
        milliseconds: Math.round(milliseconds),
        reason: result.status === 'skipped' ? result.reason : null,
        counterExample:
          result.status !== 'broken'
            ? null
            : {
                seed: result.seed,
                ...result.counterExample,
                replay: replayOf(law.id, {
                  seed: result.seed,
                  path: result.counterExample.path,
                  options: subject.options,
                }),
              },
      };
    }),
    faults,
  };
}
