/** Points, lines and regions, drawn as SVG. */
import type { HostTensor } from '@touchstone/contract';
import type { RgbImage } from './decode.js';
import { rasterise } from './rasterise.js';

/** The side of a drawing, in pixels. */
const SIDE = 560;
const MARGIN = 16;

/** matplotlib's tab10: ten distinct colours. */
const COLOURS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];
const colourOf = (label: number): string =>
  COLOURS[((Math.trunc(label) % COLOURS.length) + COLOURS.length) % COLOURS.length]!;

/** The digits 0–9, row by row, three bits each: the legend. */
const DIGITS = ['75557', '26227', '71747', '71717', '55711', '74717', '74757', '71111', '75757', '75717'];

/**
 * t-SNE's embedding [N,2], each point in the colour of its label [N]; on the right the classes, each with its colour.
 */
export async function drawScatter(embedding: HostTensor, labels: HostTensor | undefined): Promise<RgbImage> {
  const points = pairs(embedding);
  const [x, y] = [fit(points.map(([a]) => a)), fit(points.map(([, b]) => b))];
  const circles = points.map(([a, b], i) =>
    circle(
      MARGIN + x(a) * (SIDE - 2 * MARGIN),
      MARGIN + (1 - y(b)) * (SIDE - 2 * MARGIN),
      3,
      colourOf(labels?.data[i] ?? 7),
    ),
  );
  const classes = labels
    ? [...new Set(labels.data)]
        .filter((label) => Number.isInteger(label) && label >= 0 && label < 10)
        .toSorted((a, b) => a - b)
    : [];
  const legend = classes.map(
    (label, i) => square(SIDE + 8, MARGIN + 26 * i, 18, colourOf(label)) + digit(label, SIDE + 34, MARGIN + 26 * i),
  );
  return rasterise(SIDE + (legend.length > 0 ? 56 : 0), SIDE, [...circles, ...legend]);
}

/**
 * A perceptron of two inputs: where each class wins, the data, and every hidden unit's line w·x + b = 0.
 *
 * @param region [1,classes,G,G], the scores over the square [−extent, extent]², its first row at the top
 * @param lines [h,4]: foot point and direction
 * @param data [N,2,1,1]
 */
export async function drawLines({
  region,
  lines,
  extent,
  data,
  labels,
}: {
  region: HostTensor;
  lines: HostTensor;
  extent: number;
  data: HostTensor;
  labels: HostTensor | undefined;
}): Promise<RgbImage> {
  const at = ([a, b]: readonly [number, number]): [number, number] => [
    ((a / extent + 1) / 2) * SIDE,
    ((1 - b / extent) / 2) * SIDE,
  ];
  const units = Array.from({ length: lines.shape[0]! }, (_, i) => lines.data.subarray(4 * i, 4 * i + 4)).filter(
    (unit) => unit.every(Number.isFinite),
  );
  const strokes = units.map(([px, py, dx, dy]) => {
    const [[x1, y1], [x2, y2]] = [-1, 1].map((side) =>
      at([px! + side * 3 * extent * dx!, py! + side * 3 * extent * dy!]),
    ) as [[number, number], [number, number]];
    return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke="#000" stroke-width="1.5"/>`;
  });
  const circles = pairs(data).map((point, i) => circle(...at(point), 3.5, colourOf(labels?.data[i] ?? 7)));
  return rasterise(SIDE, SIDE, [...winners(region), ...strokes, ...circles]);
}

/** Rectangles in the pale colours of the classes that win, one for each run in a row. */
function winners({ shape, data }: HostTensor): string[] {
  const [, classes, rows, columns] = shape as [number, number, number, number];
  const cell = [SIDE / columns, SIDE / rows] as const;
  const winner = (i: number, j: number): number => {
    let best = 0;
    for (let c = 1; c < classes; c++)
      if (data[(c * rows + i) * columns + j]! > data[(best * rows + i) * columns + j]!) best = c;
    return best;
  };
  const rectangles: string[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0, end = 0; j < columns; j = end) {
      const won = winner(i, j);
      for (end = j + 1; end < columns && winner(i, end) === won;) end++;
      rectangles.push(
        `<rect x="${n(j * cell[0])}" y="${n(i * cell[1])}" width="${n((end - j) * cell[0])}" height="${n(cell[1])}" ` +
          `fill="${colourOf(won)}" fill-opacity="0.3" shape-rendering="crispEdges"/>`,
      );
    }
  }
  return rectangles;
}

function pairs({ data }: HostTensor): [number, number][] {
  return Array.from({ length: Math.floor(data.length / 2) }, (_, i) => [
    finite(data[2 * i]!),
    finite(data[2 * i + 1]!),
  ]);
}

function fit(values: readonly number[]): (value: number) => number {
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  return (value) => (high > low ? (value - low) / (high - low) : 0.5);
}

function circle(x: number, y: number, radius: number, colour: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" fill="${colour}" stroke="#fff" stroke-width="0.5"/>`;
}

function square(x: number, y: number, side: number, colour: string): string {
  return `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${colour}"/>`;
}

function digit(value: number, x: number, y: number): string {
  return [...DIGITS[value]!]
    .map((row, i) =>
      [4, 2, 1].map((bit, j) => (Number(row) & bit ? square(x + 3.6 * j, y + 3.6 * i, 3.7, '#222') : '')).join(''),
    )
    .join('');
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** A short, finite number. */
function n(value: number): string {
  return finite(value).toFixed(2);
}
