/** Lines over a grid: the vertical axis is logarithmic, the horizontal one evenly spaced ticks. */
import { element, escape, label, svgDocument } from './svg.js';

export interface Line {
  readonly name: string;
  readonly colour: string;
  /** A dash pattern; undefined: solid. */
  readonly dash?: string | undefined;
  /** In the order in which they are joined; y is positive. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** The label below the axis for each x; the ticks are evenly spaced. */
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
}

const panelSize = { width: 300, height: 250 };
const inside = { left: 48, right: 8, top: 26, bottom: 34 };
const small = 10;

/** Colours that colour-blind readers can distinguish (Okabe & Ito 2008, and two darker ones). */
export const palette = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#7a5195',
  '#8c564b',
] as const;

function drawPanel({ title, lines, ticks }: Panel, left: number, top: number): string {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const [low, high] = [roundBelow(Math.min(...values)), roundAbove(Math.max(...values))];
  const [x0, x1] = [left + inside.left, left + panelSize.width - inside.right];
  const [y0, y1] = [top + panelSize.height - inside.bottom, top + inside.top];
  const at = new Map(
    ticks.map(({ x }, i) => [
      x,
      ticks.length === 1 ? (x0 + x1) / 2 : x0 + 8 + (i * (x1 - x0 - 16)) / (ticks.length - 1),
    ]),
  );
  const height = (y: number): number =>
    y0 + ((Math.log(y) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (y1 - y0);
  const grid = steps(low, high).map((y) =>
    [
      element('line', { x1: x0, x2: x1, y1: height(y), y2: height(y), stroke: '#ddd' }),
      label(x0 - 5, height(y) + 4, String(y), { 'text-anchor': 'end', fill: '#555' }),
    ].join(''),
  );
  const below = ticks.map(({ x, text }) => label(at.get(x)!, y0 + 17, text, { 'text-anchor': 'middle', fill: '#555' }));
  const drawn = lines.map(({ name, colour, dash, points }) => {
    const spots = points.map(({ x, y }) => [at.get(x)!, height(y)] as const);
    return [
      element('polyline', {
        points: spots.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' '),
        fill: 'none',
        stroke: colour,
        'stroke-width': 1.6,
        ...(dash ? { 'stroke-dasharray': dash } : {}),
      }),
      // Hollow on dashed lines, because a single point has no line.
      ...spots.map(([x, y], i) =>
        element(
          'circle',
          { cx: x, cy: y, r: 2.4, fill: dash ? 'white' : colour, stroke: colour },
          element('title', {}, escape(`${name}: ${points[i]!.y.toPrecision(3)}`)),
        ),
      ),
    ].join('');
  });
  return [label(x0, top + 15, title, { 'font-weight': 'bold' }), ...grid, ...below, ...drawn].join('');
}

/** Panels side by side, a legend, and below it each sentence on a line. */
export function drawFigure(title: string, panels: readonly Panel[], sentences: readonly string[]): string {
  const legend = [...new Map(panels.flatMap(({ lines }) => lines).map((line) => [line.name, line])).values()];
  const below = panelSize.height + 15 * legend.length + 24;
  const width = Math.max(
    10 + panelSize.width * Math.max(1, panels.length),
    2 * inside.left + small * 0.6 * Math.max(...sentences.map(({ length }) => length)),
  );
  return svgDocument(
    width,
    below + 14 * sentences.length,
    title,
    ...panels.map((panel, i) => drawPanel(panel, panelSize.width * i, 0)),
    ...(panels.length === 0 ? [label(inside.left, inside.top, 'no row of smooth-grad')] : []),
    drawLegend(legend, inside.left, panelSize.height + 12),
    ...sentences.map((sentence, i) =>
      label(inside.left, below + 14 * i, sentence, { fill: '#777', 'font-size': small }),
    ),
  );
}

function drawLegend(lines: readonly Omit<Line, 'points'>[], left: number, top: number): string {
  return lines
    .map(({ name, colour, dash }, i) => {
      const y = top + 15 * i;
      return (
        element('line', {
          x1: left,
          x2: left + 26,
          y1: y,
          y2: y,
          stroke: colour,
          'stroke-width': 2,
          ...(dash ? { 'stroke-dasharray': dash } : {}),
        }) + label(left + 32, y + 4, name)
      );
    })
    .join('');
}

const factors = [1, 2, 5];

/** The largest of 1, 2, 5, 10, 20, … that is clearly below. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return factors.map((factor) => factor * power).findLast((one) => one < 0.999 * value) ?? power / 2;
}

function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [...factors, 10].map((factor) => factor * power).find((one) => one > 1.001 * value)!;
}

function steps(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
    all.push(...factors.map((factor) => Number((factor * power).toPrecision(1))));
  return all.filter((step) => step >= low * 0.999 && step <= high * 1.001);
}
