import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { counted, plainText, resultsFiles, TouchstoneError, type CaseRow, type SkipLimit } from '@touchstone/contract';
import { readResults, resultsFileIn } from '@touchstone/harness';
import {
  coloursFor,
  countStatuses,
  drawComparedRuns,
  exhibitsOf,
  formatTable,
  Gallery,
  progressOn,
  renderSummary,
  unansweredOf,
  verdictText,
  worstVerdict,
  writePage,
  type ReportedRun,
  type RunImages,
  type ShownRun,
} from '@touchstone/report';
import { baselineOf, type BaselineOptions } from './baseline.js';
import { printAs, type JsonOutput } from './json-outputs.js';
import { note, print } from './output.js';
import { checkDistinct } from './outputs.js';
import { checkReplaceable } from './report-folder.js';
import { ResultFormats, type FormatOptions } from './result-formats.js';
import { knownCases, shown } from './shown.js';
import { restoreShown, shownIn } from './shown-images.js';
import { realBelow } from '@touchstone/system';

export interface ReportOptions extends FormatOptions, BaselineOptions {
  readonly maxSkipped?: SkipLimit;
  readonly html?: string;
  readonly json?: boolean;
  readonly golden: string;
}

/** Exit status as of `verify`: 0 fine · 1 not conformant · 4 something broke or is incomplete · 5 a damaged golden. */
export async function runReport(given: readonly string[], options: ReportOptions): Promise<void> {
  const files = given.map(resultsIn);
  const sources = Object.fromEntries(files.map((file, index) => [`FILE ${index + 1}`, file]));
  checkDistinct(Object.assign({ '--expectations-out': options.expectationsOut }, sources));
  if (options.json && options.annotations)
    throw new TouchstoneError('usage', '--annotations would be among the JSON on stdout', 'Omit one of the two.');
  const formats = new ResultFormats(options, sources);
  const page = options.html === undefined ? null : pageIn(options.html, files);
  const baseline = baselineOf(options);
  const known = knownCases(options.golden);
  const runs = files.map((file) => {
    const results = readResults(file);
    const label = files.length > 1 ? file : null;
    return shown(results, { cases: known.cases, golden: known.golden, label, maxSkipped: options.maxSkipped });
  });
  if (options.json) printAs('report', asJson(runs, files));
  else printRuns(runs);
  baseline?.(runs.flatMap(({ results }) => results.outcomes));
  if (page !== null) note(`page: ${await page(runs, known.cases)}`);
  formats.write(runs);
  process.exitCode = worstVerdict(runs).exitStatus;
}

/** A results file, also where its folder is given. */
function resultsIn(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  const file = resultsFileIn(path);
  if (file === null)
    throw new TouchstoneError(
      'bad-input',
      `${path}: no ${resultsFiles.whole} in this folder`,
      'Give the folder of "touchstone verify --report DIR", or a file.',
    );
  return file;
}

function printRuns(runs: readonly ShownRun[]): void {
  const colours = coloursFor(process.stdout);
  const width = process.stdout.columns ?? 80;
  for (const { results, verdict, label, why, replay } of runs) {
    const { header, outcomes, footer } = results;
    const { notJudged = [] } = footer ?? {};
    const { findings } = verdict;
    const { unavailable } = header;
    if (label !== null) print(colours.bold(plainText(label, 400)));
    print(
      renderSummary(
        { outcomes, unavailable, footer: footer ?? undefined, notJudged, findings, why, replay, width },
        colours,
      ).trimEnd(),
      ...(label === null ? [] : ['']),
    );
  }
  if (runs.length < 2) return;
  const rows = runs.map((run) => [
    { text: plainText(run.label ?? '', 200) },
    { text: plainText(run.results.header.started, 40) },
    { text: verdictText(run), colour: run.verdict.exitStatus === 0 ? colours.green : colours.red },
  ]);
  print(...formatTable(['run', 'started', 'verdict'], rows, colours, width));
}

function asJson(runs: readonly ShownRun[], files: readonly string[]): JsonOutput<'report'> {
  return {
    exitStatus: worstVerdict(runs).exitStatus,
    runs: runs.map(({ results: { header, outcomes, footer }, verdict }, index) => ({
      file: files[index]!,
      header,
      verdict: verdict.kind,
      exitStatus: verdict.exitStatus,
      reasons: [...verdict.reasons],
      counts: countStatuses(outcomes),
      unanswered: unansweredOf(outcomes),
      milliseconds: footer?.milliseconds ?? null,
      failures: outcomes.filter(({ status }) => status === 'failed' || status === 'errored'),
    })),
  };
}

/**
 * Writes the page; several files are compared. Images next to the results are shown.
 * @throws TouchstoneError `bad-input` for a page of others
 */
function pageIn(
  folder: string,
  files: readonly string[],
): (runs: readonly ShownRun[], known: readonly CaseRow[]) => Promise<string> {
  const file = join(folder, 'index.html');
  checkReplaceable(file, { hint: 'Give another folder.' });
  return async (runs, known) => {
    const reported = runs.map(({ results: { header, outcomes, footer }, verdict: { findings }, label, replay }) => {
      return { header, outcomes, footer, label: label ?? '', problems: findings, replay };
    });
    if (files.length > 1) return comparisonIn(folder, files, reported, known);
    const [from, name] = [dirname(files[0]!), basename(files[0]!)];
    const gallery = new Gallery(folder, () => '');
    restoreShown(from, gallery, folder);
    const exhibits = exhibitsOf(reported[0]!.outcomes, known, (id) => gallery.shownOf(id));
    const file = resolve(from) === resolve(folder) ? name : null;
    return writePage(folder, [Object.assign({ file }, reported[0]!)], exhibits);
  };
}

async function comparisonIn(
  folder: string,
  files: readonly string[],
  runs: readonly ReportedRun[],
  known: readonly CaseRow[],
): Promise<string> {
  const images = files.map((file, i): RunImages => {
    const from = dirname(file);
    return { outcomes: runs[i]!.outcomes, shown: shownIn(from), pathOf: (path) => realBelow(from, path, 'bad-input') };
  });
  const progress = progressOn(process.stderr);
  const began = performance.now();
  const drawn = await drawComparedRuns(folder, images, (done, total) => {
    const secondsEach = (performance.now() - began) / 1000 / done;
    progress.update(done, total, 'heat maps', secondsEach * (total - done));
  })
    .catch(withoutSharp)
    .finally(() => progress.end());
  if (drawn.unread > 0) note(`${counted(drawn.unread, 'heat map')} cannot be read, and left out`);
  const outcomes = runs.flatMap((run) => run.outcomes);
  const exhibits = exhibitsOf(outcomes, known, (id) => ({ compared: drawn.compared.get(id) }));
  const reported = runs.map((run, i) => Object.assign({ hasImages: images[i]!.shown.size > 0 }, run));
  return writePage(folder, reported, exhibits);
}

function withoutSharp(error: unknown): Awaited<ReturnType<typeof drawComparedRuns>> {
  if (!(error instanceof TouchstoneError && error.code === 'missing-package')) throw error;
  note(`the page has no heat maps: ${error.message}. ${error.hint}`);
  return { compared: new Map(), unread: 0 };
}
