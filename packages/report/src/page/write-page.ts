/** The page of one run, or of several that are compared: one file with its program, style and data. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOf, withoutControls, type Outcome, type Results } from '@touchstone/contract';
import { writeWhole } from '@touchstone/system';
import { countsText } from '../tallies.js';
import { titleOf } from '../verdict-title.js';
import { html, Html } from './escape.js';
import type { CaseExhibit, PageData, PageRun } from './page-data.js';
import { style } from './style.js';

/** A run, and what its file does not say. */
export interface ReportedRun extends Results {
  /** What tells it from the other runs, such as the name of its file. */
  readonly label?: string | undefined;
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
 * @param exhibits of one run: more about its cases, with images next to the page
 */
export function writePage(folder: string, runs: readonly ReportedRun[], exhibits: readonly CaseExhibit[] = []): string {
  const page = join(folder, 'index.html');
  const labels = runs.length === 1 ? [''] : distinctLabels(runs.map(({ label = '' }) => label));
  writeWhole(page, renderPage({ runs: runs.map((run, i) => pageRun(run, labels[i]!)), cases: exhibits }));
  return page;
}

function pageRun({ header, outcomes, footer, problems = [], replay }: ReportedRun, label: string): PageRun {
  const command =
    replay ??
    (({ case: id, backend }: Outcome): string =>
      `npx touchstone explain ${id} ${backend === header.port.name ? '--port PORT' : `--backend ${backend}`}`);
  const verdict = verdictOf({ header, outcomes, footer }, problems);
  return { header, outcomes, footer, label, verdict, replays: outcomes.map(command) };
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

/** The page loads nothing but images next to it, and runs nothing but its own program. */
export function renderPage(data: PageData): string {
  const program = readFileSync(new URL('../../dist/app/bundle.js', import.meta.url), 'utf8');
  if (/<\/script|<!--/i.test(program)) throw new Error('the program of the page would end its own element');
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(program)}`,
    `style-src ${hashOf(style)}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="generator" content="Touchstone" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>Touchstone: ${data.runs.length > 1 ? 'comparison' : 'results'}</title>
        ${element('style', style)}
      </head>
      <body>
        <div id="app"></div>
        <noscript
          >${data.runs.map(inOneLine)}
          <p>With JavaScript switched on, this page shows the outcomes.</p></noscript
        >
        ${element('script type="application/json" id="data"', embedded(data))}
        ${element('script type="module"', program)}
      </body>
    </html> `.markup;
}

function inOneLine(run: PageRun): Html {
  return html`<p>${run.label} ${titleOf(run)}: ${countsText(run.outcomes)}</p>`;
}

/** The hash of a policy is over every character of the element, so that it is not wrapped. */
function element(tag: string, content: string): Html {
  return new Html(`<${tag}>${content}</${tag.split(' ')[0]!}>`);
}

function hashOf(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
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
