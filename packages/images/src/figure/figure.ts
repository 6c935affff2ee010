/** Images that a person shows: maps with what is needed to read them. */
import type { RgbImage } from '../decode.js';
import { blank, paste, type Bounds } from './canvas.js';
import { drawCaption, type Bar, type Paragraph } from './caption.js';
import {
  baseOf,
  inputOf,
  isCropped,
  note,
  panelOf,
  photoBounds,
  type Explanation,
  type FigureStyle,
  type Panel,
  type Subject,
} from './panel.js';

/** Above everything: the class and its score, and what ran. */
export interface Heading {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Figure {
  readonly image: RgbImage;
  /** For each explanation; null: it is not a map of values. */
  readonly bars: readonly (Bar | null)[];
}

/** Images smaller than half of it are enlarged by an integer, so that their pixels can be seen. */
const VISIBLE = 448;
/** Of a text that is read on a screen, in pixels. */
const EM = 14;
/** In em: of a text line at least, so that it is not broken too often. */
const NARROWEST = 26;
/** Columns to rows, as screens are. */
const ASPECT = 1.6;

/** One explanation, at the photograph's own size if it lies over it. @throws as `panelOf` */
export async function drawFigure(
  subject: Subject,
  explanation: Explanation,
  heading: Heading,
  style: FigureStyle,
): Promise<Figure> {
  const visible = style.legend ? VISIBLE : 1;
  const panel = await panelOf(subject, explanation, style, { bounds: photoBounds, visible });
  if (!style.legend) return { image: panel.image, bars: [panel.bar] };
  const { width: w, height: h } = panel.image;
  const em = Math.max(EM, Math.round(Math.min(w / 42, Math.sqrt(w * h) / 32)));
  const width = Math.max(w, NARROWEST * em);
  const above = await drawCaption(paragraphs(heading), width, em);
  const below = await drawCaption(
    [...(panel.bar ? [panel.bar] : []), ...panel.notes, ...(style.overlay ? croppedNote(subject) : [])],
    width,
    em,
  );
  return { image: stacked([above, panel.image, below], width, em), bars: [panel.bar] };
}

/** Several explanations of one image, the input first unless none is given. @throws as `panelOf` */
export async function drawSheet(
  subject: Subject & { readonly isGiven: boolean },
  explanations: readonly Explanation[],
  heading: Heading,
  style: FigureStyle,
): Promise<Figure> {
  const fit = { bounds: { side: VISIBLE, pixels: Infinity } satisfies Bounds, visible: VISIBLE };
  const panels: Panel[] = [];
  for (const each of explanations) panels.push(await panelOf(subject, each, style, fit));
  const image = style.overlay
    ? await baseOf(subject, fit.bounds, fit.visible)
    : await baseOf({ ...subject, photo: inputOf(subject) }, fit.bounds, fit.visible);
  const input: Panel = { title: 'Input', image, bar: null, notes: [] };
  const cells = await grid(subject.isGiven ? [input, ...panels] : panels, style.legend);
  const bars = panels.map(({ bar }) => bar);
  if (!style.legend) return { image: cells, bars };
  const above = await drawCaption(paragraphs(heading), cells.width, EM);
  const below = style.overlay ? await drawCaption(croppedNote(subject), cells.width, EM) : null;
  return { image: stacked([above, cells, below], cells.width, EM), bars };
}

function paragraphs({ title, lines }: Heading): Paragraph[] {
  return [{ text: title, kind: 'title' }, ...lines.map((text) => ({ text, kind: 'text' as const }))];
}

function croppedNote(subject: Subject): Paragraph[] {
  return isCropped(subject) ? [note('dark: cropped away, so the network did not see it')] : [];
}

/** One under the other, in the middle, with a margin around. */
function stacked(parts: readonly (RgbImage | null)[], width: number, em: number): RgbImage {
  const given = parts.filter((part) => part !== null);
  const gap = Math.round(em * 0.6);
  const height = given.reduce((sum, part) => sum + part.height + gap, -gap);
  const whole = blank({ width: width + 2 * em, height: height + 2 * em });
  let top = em;
  for (const part of given) {
    paste(whole, part, em + Math.floor((width - part.width) / 2), top);
    top += part.height + gap;
  }
  return whole;
}

/** Panels in rows and columns; titles, images and bars of a row are level. */
async function grid(panels: readonly Panel[], legend: boolean): Promise<RgbImage> {
  const narrowest = legend ? 20 * EM : 1;
  const width = Math.max(narrowest, ...panels.map(({ image }) => image.width));
  const cells = await Promise.all(
    panels.map(async ({ image, title, bar, notes }) => ({
      title: legend ? await drawCaption([{ text: title, kind: 'title' }], width, EM) : null,
      image,
      below: legend ? await drawCaption([...(bar ? [bar] : []), ...notes], width, EM) : null,
    })),
  );
  const tallest = (of: readonly (RgbImage | null)[]): number => Math.max(...of.map((image) => image?.height ?? 0));
  const height =
    tallest(cells.map((c) => c.title)) + tallest(cells.map((c) => c.image)) + tallest(cells.map((c) => c.below));
  const columns = columnsFor(cells.length, width, height);
  const gap = 2 * EM;
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, i) => {
    const row = cells.slice(i * columns, (i + 1) * columns);
    const heights = [row.map((c) => c.title), row.map((c) => c.image), row.map((c) => c.below)].map(tallest);
    return { row, heights: heights as [number, number, number] };
  });
  const total = rows.reduce((sum, { heights: [a, b, c] }) => sum + a + b + c + gap, -gap);
  const whole = blank({ width: columns * (width + gap) - gap, height: total });
  let top = 0;
  for (const { row, heights } of rows) {
    for (const [i, { title, image, below }] of row.entries()) {
      const left = i * (width + gap);
      if (title) paste(whole, title, left, top);
      paste(whole, image, left, top + heights[0]);
      if (below) paste(whole, below, left, top + heights[0] + heights[1]);
    }
    top += heights[0] + heights[1] + heights[2] + gap;
  }
  return whole;
}

/** The number of columns with which the sheet is nearest to the shape of a screen, with few empty places. */
function columnsFor(count: number, width: number, height: number): number {
  const cost = (columns: number): number => {
    const rows = Math.ceil(count / columns);
    return Math.abs(Math.log((columns * width) / (rows * height) / ASPECT)) + (2 * (columns * rows - count)) / count;
  };
  return Array.from({ length: count }, (_, i) => i + 1).reduce((best, each) => (cost(each) < cost(best) ? each : best));
}
