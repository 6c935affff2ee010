import { counted, plainText, type Outcome } from '@touchstone/contract';
import { ratioOf, skipReasons, tallies, tallyText, withoutUnavailable, type Tally } from '../tallies.js';
import { coloursFor } from '../terminal/colours.js';
import { describeGroup, failureGroups, worstFirst, type FailureGroup } from '../terminal/failure-groups.js';
import { figure } from '../figures.js';
import { listed } from '../text.js';
import { provenanceOf, verdictText, type ShownRun } from './shown-run.js';

/** GitHub takes 1 MiB of a step; a margin is left for others. */
export const maxMarkdownBytes = 900_000;

const MAX_ROWS = 100;
const MAX_COLUMNS = 12;
const MAX_RUNS = 50;
/** Failures that are open before anything is clicked. */
const MAX_OPEN = 3;
const MAX_REASONS = 20;

const plain = coloursFor({}, { NO_COLOR: '1' });

/**
 * The summary of a step on GitHub, or a comment: verdict, methods × backends, failures, the worst first. What comes
 * from a results file is in code only, where neither Markdown nor the links of a forge have a meaning.
 */
export function renderMarkdown(runs: readonly ShownRun[], maxBytes = maxMarkdownBytes): string {
  const writer = new BoundedText(maxBytes);
  writer.add('<!-- touchstone -->');
  if (runs.length > 1) writer.add(...runTable(runs));
  for (const run of runs.slice(0, MAX_RUNS)) {
    const { header, outcomes } = run.results;
    const ran = withoutUnavailable(outcomes, header.unavailable);
    writer.add(...headOf(run), ...matrix(tallies(ran)), ...unavailableOf(run), ...skipsOf(ran));
    addFailures(writer, run, worstFirst(failureGroups(ran)));
  }
  return writer.text();
}

/** Paragraphs, up to a number of bytes. */
class BoundedText {
  readonly #parts: string[] = [];
  #left: number;
  #isFull = false;

  constructor(maxBytes: number) {
    this.#left = maxBytes - bytesOf(cut);
  }

  /** False: there was no room, for this and for what follows. */
  add(...parts: readonly string[]): boolean {
    const size = parts.reduce((sum, part) => sum + bytesOf(part) + 2, 0);
    if (this.#isFull || size > this.#left) {
      this.#isFull = true;
      return false;
    }
    this.#left -= size;
    this.#parts.push(...parts);
    return true;
  }

  text(): string {
    return `${[...this.#parts, ...(this.#isFull ? [cut] : [])].join('\n\n')}\n`;
  }
}

const cut = '*The rest is in the results: there is no room for it here.*';

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function headOf(run: ShownRun): string[] {
  const { results, verdict, label } = run;
  const mark = verdict.exitStatus === 0 ? '✅' : '❌';
  const name = label === null ? 'Touchstone' : code(label);
  const about = [...provenanceOf(results.header)].map(([key, value]) => `${key} ${code(value)}`).join(', ');
  const reasons = verdict.reasons.slice(0, MAX_REASONS).map((reason) => `- ${code(reason, 800)}`);
  const more = verdict.reasons.length - reasons.length;
  return [
    `## ${mark} ${name}: ${verdictText(run)}`,
    about,
    ...(reasons.length === 0 ? [] : [reasons.concat(more > 0 ? [`- and ${more} more`] : []).join('\n')]),
  ];
}

/** Methods × backends, the methods with the worst results first. */
function matrix(cells: readonly Tally[]): string[] {
  if (cells.length === 0) return ['No case was run.'];
  const backends = [...new Set(cells.map(({ backend }) => backend))];
  const shown = backends.slice(0, MAX_COLUMNS);
  const rows = new Map<string, Tally[]>();
  for (const cell of cells) {
    const row = rows.get(cell.method);
    if (row === undefined) rows.set(cell.method, [cell]);
    else row.push(cell);
  }
  const ranked = [...rows].map(([method, row]) => ({
    method,
    row,
    rank: row.reduce((most, cell) => Math.max(most, badnessOf(cell)), 0),
  }));
  const sorted = ranked.toSorted((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank));
  const lines = sorted.slice(0, MAX_ROWS).map(({ method, row }) => {
    const texts = shown.map((backend) => row.find((cell) => cell.backend === backend));
    return tableRow([code(method), ...texts.map((cell) => (cell ? tallyText(cell) : ''))]);
  });
  const left = [
    ...(sorted.length > MAX_ROWS ? [counted(sorted.length - MAX_ROWS, 'more method')] : []),
    ...(backends.length > MAX_COLUMNS ? [counted(backends.length - MAX_COLUMNS, 'more backend')] : []),
  ];
  return [
    [tableRow(['method', ...shown.map((backend) => code(backend, 40))]), ruler(shown.length + 1), ...lines].join('\n'),
    'In brackets: the largest error ÷ its tolerance; up to 1 passes.',
    ...(left.length === 0 ? [] : [`Not shown: ${listed(left)}.`]),
  ];
}

/** Failures by how far they are off, then errors, then what passed. */
function badnessOf({ counts, worst }: Tally): number {
  if (counts.failed > 0) return 2 + (worst === null ? 0 : ratioOf(worst)!);
  return counts.errored > 0 ? 1 : 0;
}

function runTable(runs: readonly ShownRun[]): string[] {
  const rows = runs.slice(0, MAX_RUNS).map((run) => {
    const { header, outcomes } = run.results;
    const ratios = outcomes.flatMap((outcome) => ratioOf(outcome) ?? []);
    const worst = figure(ratios.length === 0 ? null : ratios.reduce((a, b) => Math.max(a, b)));
    const started = code(header.started, 30);
    return tableRow([code(run.label ?? '', 100), started, code(header.port.version, 40), verdictText(run), worst]);
  });
  const more = runs.length > MAX_RUNS ? [`Not shown: ${counted(runs.length - MAX_RUNS, 'more run')}.`] : [];
  const heads = ['run', 'started', 'version', 'verdict', 'largest error/allowed'];
  return [[tableRow(heads), ruler(heads.length), ...rows].join('\n'), ...more];
}

function unavailableOf({ results: { header, outcomes } }: ShownRun): string[] {
  const lines = header.unavailable.slice(0, MAX_COLUMNS).map(({ id, reason }) => {
    const isRequired = outcomes.some(({ backend, status }) => backend === id && status === 'errored');
    return `- ${code(id, 40)} is ${isRequired ? '**required, but unavailable**' : 'unavailable'}: ${code(reason)}`;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

/** Known failures too, so that a green summary does not hide them. */
function skipsOf(ran: readonly Outcome[]): string[] {
  const reasons = skipReasons(ran);
  if (reasons.length === 0) return [];
  const more = reasons.length - MAX_REASONS;
  const lines = reasons.slice(0, MAX_REASONS).map((reason) => `- ${code(reason, 250)}`);
  return [lines.concat(more > 0 ? [`- and ${counted(more, 'more reason')}`] : []).join('\n')];
}

function addFailures(writer: BoundedText, run: ShownRun, groups: readonly FailureGroup[]): void {
  for (const [index, group] of groups.entries()) {
    const [{ case: id, backend }] = group.outcomes;
    const name = `${code(id)} on ${code(backend, 40)}`;
    const more = group.outcomes.length - 1;
    const summary = `${name}${more > 0 ? ` and ${more} more` : ''}`;
    const block = [
      `<details${index < MAX_OPEN ? ' open' : ''}><summary>❌ ${summary}</summary>`,
      fenced(describeGroup(group, run, plain).join('\n')),
      '</details>',
    ];
    if (!writer.add(block.join('\n\n'))) return;
  }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function ruler(columns: number): string {
  return tableRow(Array.from({ length: columns }, () => '---'));
}

/**
 * Foreign text within a line. Numeric references stand for characters that have no meaning to Markdown or HTML, and
 * GitHub and GitLab look for mentions, issues, emoji and addresses outside of code only.
 */
function code(text: string, length = 200): string {
  const safe = plainText(text, length).replace(/[^\p{L}\p{N} /-]/gu, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${safe}</code>`;
}

/** Foreign lines as a block of code, whose fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
