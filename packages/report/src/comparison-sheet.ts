/** The page of one explained case: every stage as expected, as answered, and the difference, on one scale. */
import { join } from 'node:path';
import { plainText, type Stages } from '@touchstone/contract';
import { renderCompared, writePng } from '@touchstone/images';
import { writeWhole } from '@touchstone/system';
import { html, type Html } from './page/escape.js';
import { htmlDocument } from './page/html-document.js';
import { figure } from './figures.js';

/** Most stages that are drawn. */
const maxStages = 40;

export interface ComparedStage {
  readonly stage: string;
  readonly status: 'agrees' | 'differs' | 'missing';
  readonly e2?: number | undefined;
  readonly allowed?: number | undefined;
}

export interface ComparedCase {
  readonly id: string;
  readonly backend: string;
  /** Why the case exists. */
  readonly why: string;
  /** The reason of the outcome. */
  readonly reason: string | null;
  /** In order of computation. */
  readonly stages: readonly ComparedStage[];
  /** Of stages that are stored whole. */
  readonly expected: Stages;
  readonly answer: Stages;
}

export interface Sheet {
  /** The page, relative to the folder. */
  readonly page: string;
  /** Stage → its image, relative to the folder. */
  readonly images: Readonly<Record<string, string>>;
}

/** Writes `explained/<case>/index.html` and an image per stage next to it. */
export async function writeComparisonSheet(folder: string, compared: ComparedCase): Promise<Sheet> {
  const under = `explained/${compared.id}`;
  const images: Record<string, string> = {};
  const rows: Html[] = [];
  const given = compared.stages.filter(({ status }) => status !== 'missing');
  const absent = compared.stages.filter(({ status }) => status === 'missing').map(({ stage }) => stage);
  for (const stage of given.slice(0, maxStages)) {
    const [expected, got] = [compared.expected[stage.stage], compared.answer[stage.stage]];
    const drawn = expected && got ? renderCompared(expected, got) : null;
    if (drawn === null) {
      rows.push(row(stage, whyNotDrawn(expected !== undefined)));
      continue;
    }
    const file = `${stage.stage.replace(/[^\w.#-]/g, '_')}.png`;
    await writePng(join(folder, under, file), drawn.image);
    images[stage.stage] = `${under}/${file}`;
    rows.push(row(stage, captionOf(drawn), file));
  }
  const page = `${under}/index.html`;
  writeWhole(join(folder, page), renderSheet(compared, rows, absent.join(', ')));
  return { page, images };
}

function whyNotDrawn(isWhole: boolean): string {
  return isWhole ? 'of another shape' : 'not drawn: the golden keeps a sample of its values';
}

function captionOf({ plane, scale, amplified }: NonNullable<ReturnType<typeof renderCompared>>): string {
  return [
    `golden | answer | difference${amplified === null ? '' : ` | difference × ${amplified}`}`,
    ...(plane === '' ? [] : [plane]),
    `red is ${figure(scale)}, blue −${figure(scale)}, white 0, yellow not finite`,
  ].join('; ');
}

function row({ stage, status, e2, allowed }: ComparedStage, caption: string, file?: string): Html {
  const numbers = e2 === undefined || allowed === undefined ? '' : `, e2 ${figure(e2)}, allowed ${figure(allowed)}`;
  const about = html`<h2>${plainText(stage, 200)}</h2>
    <p class="${status === 'agrees' ? 'passed' : 'failed'}">${status}${numbers}</p>`;
  if (file === undefined)
    return html`<section>
      ${about}
      <p class="about">${caption}</p>
    </section>`;
  return html`<section>
    ${about}
    <figure>
      <img src="${encodeURIComponent(file)}" alt="${stage}: ${caption}" />
      <figcaption>${caption}</figcaption>
    </figure>
  </section>`;
}

function renderSheet({ id, backend, why, reason }: ComparedCase, rows: readonly Html[], absent: string): string {
  const body = html`<main class="page sheet">
    <h1>${id} on ${backend}</h1>
    <p class="about">${why}</p>
    <p class="reason">${reason ?? 'passed'}</p>
    ${absent === '' ? html`` : html`<p class="about">not given: ${plainText(absent, 400)}</p>`} ${rows}
  </main>`;
  return htmlDocument({ title: `${id} on ${backend}`, body });
}
