/** Ways of resizing a map, each axis by itself. */
import type { HostTensor } from '@touchstone/contract';
import type { Remedy } from '../core/mutant.js';
import { resizeAsPyTorch } from '../mutants/remedies.js';

/** Pixels of an axis of length `from` that make pixel `i` of one of length `to`, with their weights. */
type Sources = (i: number, to: number, from: number) => readonly (readonly [pixel: number, weight: number])[];

const between = (centre: number, from: number): ReturnType<Sources> => {
  const low = Math.min(Math.floor(centre), from - 1);
  return [
    [low, 1 - (centre - low)],
    [Math.min(low + 1, from - 1), centre - low],
  ];
};

/** Keys' kernel with a = −0.75. */
const cubic = (t: number): number => {
  const a = -0.75;
  return t <= 1 ? (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1 : a * (t ** 3 - 5 * t ** 2 + 8 * t - 4);
};

const halfPixel: Sources = (i, to, from) => between(Math.max(0, ((i + 0.5) * from) / to - 0.5), from);
const aligned: Sources = (i, to, from) => between(to === 1 ? 0 : (i * (from - 1)) / (to - 1), from);
const legacy: Sources = (i, to, from) => between((i * from) / to, from);
const nearest: Sources = (i, to, from) => [[Math.min(Math.floor(((i + 0.5) * from) / to), from - 1), 1]];
const nearestBelow: Sources = (i, to, from) => [[Math.floor((i * from) / to), 1]];
const bicubic: Sources = (i, to, from) => {
  const centre = ((i + 0.5) * from) / to - 0.5;
  const first = Math.floor(centre) - 1;
  return [0, 1, 2, 3].map((k) => [Math.min(Math.max(first + k, 0), from - 1), cubic(Math.abs(centre - first - k))]);
};

export type Resize = (map: HostTensor, size: readonly [number, number]) => HostTensor;

/** [N,C,h,w] → [N,C,...size] */
const resizing =
  (sources: Sources): Resize =>
  ({ shape, data }, [rows, columns]) => {
    const [n, c, h, w] = shape as [number, number, number, number];
    const down = Array.from({ length: rows }, (_, i) => sources(i, rows, h));
    const across = Array.from({ length: columns }, (_, j) => sources(j, columns, w));
    const result = new Float64Array(n * c * rows * columns);
    let at = 0;
    for (let plane = 0; plane < n * c; plane++)
      for (const vertical of down)
        for (const horizontal of across) {
          let value = 0;
          for (const [i, weight] of vertical)
            for (const [j, other] of horizontal) value += weight * other * data[(plane * h + i) * w + j]!;
          result[at++] = value;
        }
    return { shape: [n, c, rows, columns], data: result };
  };

export interface Grid {
  readonly id: string;
  readonly fault: string;
  readonly remedy: Remedy;
  readonly resize: Resize;
}

export const resizeHalfPixel = resizing(halfPixel);

const wrong = (id: string, fault: string, sources: Sources): Grid => ({
  id,
  fault,
  remedy: resizeAsPyTorch,
  resize: resizing(sources),
});

export const wrongGrids: readonly Grid[] = [
  wrong('align-corners', 'resized with align_corners=True', aligned),
  wrong('legacy-grid', "resized on the legacy grid, TF.js's default", legacy),
  wrong('nearest', 'resized by nearest neighbour', nearest),
  wrong('nearest-below', "resized by nearest neighbour on the legacy grid, as F.interpolate's default", nearestBelow),
  wrong('bicubic', 'resized bicubically instead of bilinearly', bicubic),
];
