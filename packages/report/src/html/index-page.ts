import type { Footer, Header, Outcome, ResultLine } from '@touchstone/contract';
import { duration, figure } from '../text.js';
import { countsText, ratioOf, tallies, totals, unansweredOf, withoutUnavailable } from '../tallies.js';
import { html, type Html } from './escape.js';
import { style } from './style.js';

/** What the page shows of a case in addition to its outcomes. */
export interface CaseExhibit {
  readonly id: string;
  readonly why: string;
  /** Files relative to the page, and the backend that computed them. */
  readonly images?: ExhibitImages | undefined;
}

interface ExhibitImages {
  readonly input: string | null;
  readonly shown: readonly { readonly file: string; readonly caption: string }[];
  readonly backend: string;
}

const LONGEST_REASON = 1000;

/** The results as one plain page: no scripts, nothing loaded but the images next to it. Cases in the order given. */
export function renderIndexPage(lines: readonly ResultLine[], exhibits: readonly CaseExhibit[]): string {
  const header = lines.find((line): line is Header => line.kind === 'header');
  const footer = lines.find((line): line is Footer => line.kind === 'footer');
  const unavailable = header?.unavailable ?? [];
  const outcomes = withoutUnavailable(
    lines.filter((line): line is Outcome => line.kind === 'outcome'),
    unavailable,
  );
  const byCase = new Map<string, Outcome[]>();
  for (const outcome of outcomes) byCase.set(outcome.case, [...(byCase.get(outcome.case) ?? []), outcome]);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="Touchstone" />
        <title>Touchstone: results</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Touchstone</h1>
        ${verdictLine(outcomes, footer)} ${header ? ran(header) : html``}
        ${unavailable.map(({ id, reason }) => html`<p class="about">${id} is unavailable: ${reason}</p>`)}
        ${overview(outcomes)} ${exhibits.map((exhibit) => exhibitSection(exhibit, byCase.get(exhibit.id) ?? []))}
        <footer>The numbers behind this page: <a href="results.ndjson">results.ndjson</a></footer>
      </body>
    </html> `.markup;
}

function verdictLine(outcomes: readonly Outcome[], footer: Footer | undefined): Html {
  if (!footer) return html`<p class="failed">Incomplete: the run did not finish, or a port broke the rules.</p>`;
  const { passed, failed, errored, milliseconds } = footer;
  const isGood = failed + errored === 0 && passed > 0;
  const status = !isGood ? 'failed' : unansweredOf(outcomes) > 0 ? 'skipped' : 'passed';
  return html`<p class="${status}">${countsText(outcomes)} in ${duration(milliseconds)}</p>`;
}

function ran({ port, backends, machine, started, touchstone, golden }: Header): Html {
  const engines = backends
    .map(({ id, device, precision, softwareRenderer }) => {
      const notes = [
        device,
        ...(precision === 'unknown' ? [] : [precision]),
        ...(softwareRenderer ? ['software renderer'] : []),
        ...(precision === 'float16' ? ['degraded'] : []),
      ];
      // A port that is not ours is its own backend.
      return `${id === port.name ? `${id} ${port.version}` : id} (${notes.join(', ')})`;
    })
    .join(', ');
  return html`<p class="about">
    ${engines}. Touchstone ${touchstone}, goldens ${golden.slice(0, 12)}, ${machine}, ${started}.
  </p>`;
}

function overview(outcomes: readonly Outcome[]): Html {
  const rows = [...tallies(outcomes), ...totals(outcomes)].map(
    ({ method, backend, counts, worst }) =>
      html`<tr>
        <td>${method}</td>
        <td>${backend}</td>
        <td class="number">${counts.passed}</td>
        <td class="number ${counts.failed ? 'failed' : ''}">${counts.failed}</td>
        <td class="number">${counts.skipped}</td>
        <td class="number ${counts.errored ? 'failed' : ''}">${counts.errored}</td>
        <td class="number">${figure(worst && ratioOf(worst))}</td>
        <td>${worst ? html`<a href="#${encodeURIComponent(worst.case)}">${worst.case}</a>` : '–'}</td>
      </tr>`,
  );
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>method</th>
          <th>backend</th>
          <th>passed</th>
          <th>failed</th>
          <th>skipped</th>
          <th>errored</th>
          <th>error/allowed</th>
          <th>worst case</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="about">
      error/allowed: the largest error of a stage divided by what is allowed; up to 1 passes. Allowed is 16 times
      PyTorch’s own float32 error, at least 32·2⁻²⁴ (four times as much for a single value; in float16, 2¹³ times).
    </p>
  </div>`;
}

function exhibitSection({ id, why, images }: CaseExhibit, outcomes: readonly Outcome[]): Html {
  return html`<section id="${encodeURIComponent(id)}">
    <h2>${id}</h2>
    <p>${why}</p>
    ${images ? imagesOf(images) : html``}
    <div>
      <table>
        <thead>
          <tr>
            <th>backend</th>
            <th>outcome</th>
            <th>error/allowed</th>
            <th>stage</th>
          </tr>
        </thead>
        <tbody>
          ${outcomes.map(outcomeRow)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function imagesOf({ input, shown, backend }: ExhibitImages): Html {
  return html`<div class="images">
    ${input === null ? html`` : figureOf(input, 'input')}
    ${shown.map(({ file, caption }) => figureOf(file, `${caption} (${backend})`))}
  </div>`;
}

function figureOf(file: string, caption: string): Html {
  return html`<figure>
    <img src="${relative(file)}" alt="${caption}" loading="lazy" />
    <figcaption>${caption}</figcaption>
  </figure>`;
}

function outcomeRow(outcome: Outcome): Html {
  const { backend, status, reason } = outcome;
  const stage = status === 'passed' || status === 'failed' ? outcome.stage : '–';
  const code = status === 'errored' ? outcome.code : null;
  const shown = status === 'errored' ? 'failed' : status;
  const why = [code, reason]
    .filter((part) => part !== null)
    .join(': ')
    .slice(0, LONGEST_REASON);
  return html`<tr>
      <td>${backend}</td>
      <td class="${shown}">${status}</td>
      <td class="number">${figure(ratioOf(outcome))}</td>
      <td>${stage}</td>
    </tr>
    ${
      why === ''
        ? html``
        : html`<tr>
            <td class="reason" colspan="4">${why}</td>
          </tr>`
    }`;
}

function relative(file: string): string {
  return file.split('/').map(encodeURIComponent).join('/');
}
