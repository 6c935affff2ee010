/** The page of one run, or of several that are compared: one file with its program, style and data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOf, withoutControls, type Outcome, type Results } from '@touchstone/contract';
import { writeWhole } from '@touchstone/system';
import { countsText } from '../tallies.js';
import { titleOf } from '../verdict-title.js';
import { html, type Html } from './escape.js';
import { element, htmlDocument } from './html-document.js';
import type { CaseExhibit, PageData, PageRun } from './page-data.js';

/** A run, and what its file does not say. */
export interface ReportedRun extends Results {
  /** What tells it from the other runs, such as the name of its file. */
  readonly label?: string | undefined;
  /** Its results file, where that is next to the page. */
  readonly file?: string | null;
  /** Of several runs: whether images are next to its results. */
  readonly hasImages?: boolean | undefined;
  /** What is wrong that the footer does not say. */
  readonly problems?: readonly string[] | undefined;
  /** The command that explains an outcome; without it, one with a placeholder for the port. */
  readonly replay?: ((outcome: Outcome) => string) | undefined;
}

/** Characters of one text from a results file. */
const maxText = 4000;

/**
 * Writes `index.html`; returns its path.
 * @param runs in the order in which they are compared, such as by version or by date
 * @param exhibits more about their cases, with images below the folder
 */
export function writePage(folder: string, runs: readonly ReportedRun[], exhibits: readonly CaseExhibit[] = []): string {
  const page = join(folder, 'index.html');
  const labels = runs.length === 1 ? [''] : distinctLabels(runs.map(({ label = '' }) => label));
  writeWhole(page, renderPage({ runs: runs.map((run, i) => pageRun(run, labels[i]!)), cases: exhibits }));
  return page;
}

function pageRun(
  { header, outcomes, footer, file = null, hasImages, problems = [], replay }: ReportedRun,
  label: string,
): PageRun {
  const command =
    replay ??
    (({ case: id, backend }: Outcome): string =>
      `npx touchstone explain ${id} ${backend === header.port.name ? '--port PORT' : `--backend ${backend}`}`);
  const verdict = verdictOf({ header, outcomes, footer }, problems);
  return { header, outcomes, footer, label, file, hasImages, verdict, replays: outcomes.map(command) };
}

/** Paths without the folders and the file that all have in common; a number where one is given twice. */
export function distinctLabels(labels: readonly string[]): string[] {
  const parts = labels.map((label) => label.split(/[\\/]/));
  const shortest = Math.min(...parts.map(({ length }) => length));
  const isCommon = (at: number): boolean => parts.every((each) => each.at(at) === parts[0]!.at(at));
  let [start, end] = [0, 0];
  while (start < shortest - 1 && isCommon(start)) start++;
  while (start + end < shortest - 1 && isCommon(-1 - end)) end++;
  const short = parts.map((each) => each.slice(start, each.length - end).join('/'));
  return short.map((label, i) => (short.indexOf(label) === i && label !== '' ? label : `${label} (${i + 1})`.trim()));
}

/** The page as HTML. */
export function renderPage(data: PageData): string {
  return htmlDocument({
    title: `Touchstone: ${data.runs.length > 1 ? 'comparison' : 'results'}`,
    body: html`<div id="app"></div>
      <noscript>
        ${data.runs.map(inOneLine)}
        <p>With JavaScript switched on, this page shows the outcomes.</p>
      </noscript>
      ${element('script type="application/json" id="data"', embedded(data))}`,
    program: readFileSync(new URL('../../dist/app/bundle.js', import.meta.url), 'utf8'),
  });
}

function inOneLine(run: PageRun): Html {
  return html`<p>${run.label} ${titleOf(run)}: ${countsText(run.outcomes)}</p>`;
}

/** JSON that ends neither its element nor a line of JavaScript, with texts of bounded length. */
function embedded(data: PageData): string {
  const clean = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? withoutControls(value.slice(0, maxText)) : value;
  return JSON.stringify(data, clean).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
