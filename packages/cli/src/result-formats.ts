/** What `verify`, `merge` and `report` write of results for other programs. */
import { appendFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { resultsFiles, TouchstoneError } from '@touchstone/contract';
import {
  badgeOf,
  codeQualityOf,
  maxMarkdownBytes,
  renderAnnotations,
  renderJUnit,
  renderMarkdown,
  type ShownRun,
} from '@touchstone/report';
import { checkWritable, makeFolder, writeWhole } from '@touchstone/system';
import { note, printCommands } from './output.js';
import { checkDistinct } from './outputs.js';
import { checkReplaceable } from './report-folder.js';

export interface FormatOptions {
  readonly junit?: string;
  /** A file; true: the summary of the step on GitHub. */
  readonly markdown?: string | true;
  readonly annotations?: boolean;
  readonly gitlab?: string;
  readonly badge?: string;
}

interface Format {
  readonly option: 'junit' | 'markdown' | 'gitlab' | 'badge';
  /** How a file begins that this format wrote earlier; an empty file is of no one. */
  readonly marker: RegExp;
  readonly render: (runs: readonly ShownRun[]) => string;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const formats: readonly Format[] = [
  { option: 'junit', marker: /^\s*$|^<\?xml [^>]*>\n<testsuites name="touchstone"/, render: renderJUnit },
  { option: 'markdown', marker: /^\s*$|^<!-- touchstone -->/, render: (runs) => renderMarkdown(runs) },
  {
    option: 'gitlab',
    marker: /^\s*$|^\[\s*(\]|\{\s*"check_name": "touchstone\/)/,
    render: (runs) => json(codeQualityOf(runs)),
  },
  {
    option: 'badge',
    marker: /^\s*$|^\{\s*"schemaVersion": 1,\s*"label": "explanations"/,
    render: (runs) => json(badgeOf(runs)),
  },
];

/** The chosen formats of one run of the command. */
export class ResultFormats {
  readonly #files: readonly { readonly path: string; readonly format: Format }[];
  /** The summary of the step, to which others may have written. */
  readonly #summary: string | null;
  readonly #annotations: boolean;

  /**
   * Writes nothing. @param others option or argument → a file that no format may replace
   * @throws TouchstoneError `usage`; `bad-input` for a file of others; as `checkWritable`
   */
  constructor(options: FormatOptions, others: Readonly<Record<string, string | undefined>>) {
    this.#summary = summaryOf(options);
    if (this.#summary !== null) checkWritable(this.#summary);
    this.#annotations = options.annotations === true;
    this.#files = formats.flatMap((format) => {
      const path = options[format.option];
      return typeof path !== 'string' || (format.option === 'markdown' && this.#summary !== null)
        ? []
        : [{ path, format }];
    });
    const paths = this.#files.map(({ path, format }) => [`--${format.option}`, path] as const);
    const written = Object.fromEntries(paths);
    checkDistinct(written);
    for (const [name, path] of Object.entries(others)) checkDistinct(Object.assign({}, written, { [name]: path }));
    for (const { path, format } of this.#files) {
      const option = `--${format.option}`;
      const hint = `Give another file with ${option}.`;
      checkReplaceable(path, { marker: format.marker, writer: `touchstone ${option}`, hint });
    }
  }

  /** What an earlier run wrote is not taken for what this one finds. */
  clear(): void {
    for (const { path } of this.#files) rmSync(path, { force: true });
  }

  write(runs: readonly ShownRun[]): void {
    for (const { path, format } of this.#files) writeWhole(path, format.render(runs));
    if (this.#summary !== null) appendSummary(this.#summary, runs);
    if (this.#annotations) printCommands(renderAnnotations(runs));
  }
}

/** Of a run that may write its report and its lines too. @param others as `ResultFormats` @throws as `ResultFormats` */
export function formatsOfRun(
  options: FormatOptions & { readonly report?: string; readonly json?: string },
  others: Readonly<Record<string, string | undefined>>,
): ResultFormats {
  const { json, annotations, report } = options;
  if (json === '-' && annotations)
    throw new TouchstoneError('usage', '--annotations would be among the lines of --json -', 'Omit one of the two.');
  const names = [...Object.values(resultsFiles), 'index.html'];
  const written = report === undefined ? [] : names.map((name) => join(report, name));
  const own = Object.fromEntries(written.map((file) => [file, file]));
  return new ResultFormats(options, Object.assign(own, { '--json': json === '-' ? undefined : json }, others));
}

/** Where GitHub takes the summary of the step from, if that is where `--markdown` goes. */
function summaryOf({ markdown }: FormatOptions): string | null {
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  if (markdown === true && !summary)
    throw new TouchstoneError(
      'usage',
      '--markdown has no file, and GITHUB_STEP_SUMMARY is not set',
      'Give it a file; on GitHub the summary of the step is the default.',
    );
  if (markdown === undefined || !summary) return null;
  return markdown === true || resolve(markdown) === resolve(summary) ? summary : null;
}

/** GitHub takes no summary of a step at all if it is too large. */
function appendSummary(path: string, runs: readonly ShownRun[]): void {
  makeFolder(dirname(path));
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const left = maxMarkdownBytes - before;
  if (left < minSummaryBytes) return note(`the summary of the step is full: nothing is added to ${path}`);
  appendFileSync(path, `${before === 0 ? '' : '\n'}${renderMarkdown(runs, left)}`);
}

const minSummaryBytes = 2000;
