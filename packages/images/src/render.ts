import { normalisationOfLevels, type HostTensor, type Preprocess, type Stages } from '@touchstone/contract';
import { displayFormulas, type DisplayFormula } from '@touchstone/methods';
import type { RgbImage } from './decode.js';
import { gistEarth } from './figure/colour-tables.js';
import { resizeBilinear } from './resize.js';

/** Narrower images are enlarged by an integer factor, so that their pixels can be seen. */
const VISIBLE = 224;
/** A signal, an image of height 1, is made this high. */
const SIGNAL_HEIGHT = 48;
/** The most feature maps shown of one layer. */
const MAX_MAPS = 1024;

/**
 * A gradient's image as in the papers. A map of one channel without negative values (`reduce`: `abs-max`, `abs-sum`) is
 * grey, 0 to its maximum.
 * @param attribution [N,C,H,W]
 * @param n which image of the batch
 */
export function renderGradient(
  style: keyof typeof displayFormulas,
  attribution: HostTensor,
  n = 0,
  channelOrder: Preprocess['channelOrder'] = 'RGB',
): RgbImage {
  const image = inRgb(select(attribution, n), channelOrder);
  const grey = image.channels === 1 && range(image.data).low >= 0;
  return enlarge(colour(image, grey ? unit : scaleBy(displayFormulas[style])));
}

/** A heat map [N,1,h,w] half over the input [N,C,H,W], and alone. */
export function renderHeatmap(
  map: HostTensor,
  input: HostTensor,
  preprocess: Preprocess | undefined,
  n = 0,
): { image: RgbImage; map: RgbImage } {
  return heatmap(select(map, n), renderInput(input, preprocess, n, 1), select(input, n));
}

/** Feature maps [N,K,h,w] as a grid. */
export function renderMaps(maps: HostTensor, n = 0): RgbImage {
  const { channels, height, width, data } = select(maps, n);
  return enlarge(
    grid(
      Array.from({ length: channels }, (_, k) => ({
        channels: 1,
        height,
        width,
        data: data.subarray(k * height * width, (k + 1) * height * width),
      })),
    ),
  );
}

/** Kernels [out,in,h,w] as a grid: in colour where they read three channels, else plane by plane. */
export function renderKernels(kernels: HostTensor): RgbImage {
  const [out, channels, height, width] = kernels.shape as [number, number, number, number];
  if (channels !== 3) return renderMaps({ shape: [1, out * channels, height, width], data: kernels.data });
  return enlarge(grid(Array.from({ length: out }, (_, k) => select(kernels, k))));
}

/** The network's input back in pixels; without `preprocess`, stretched from its minimum to its maximum. */
export function renderInput(input: HostTensor, preprocess: Preprocess | undefined, n = 0, visible = VISIBLE): RgbImage {
  const image = select(input, n);
  const area = image.width * image.height;
  const stretched = stretch(range(image.data));
  const back = preprocess && normalisationOfLevels(preprocess);
  const data = image.data.map((value, i) => {
    const c = Math.floor(i / area);
    return back ? (value * (back.std[c] ?? 1) + (back.mean[c] ?? 0)) / 255 : stretched(value);
  });
  return enlarge(
    colour(inRgb({ ...image, data }, preprocess?.channelOrder), () => (value) => value),
    visible,
  );
}

/** The stage that is shown: `attribution`, or if that is not a map (a layer of a classifier's head), the last map. */
export function shownStage(stages: Stages): { name: string; tensor: HostTensor } | null {
  const maps = Object.entries(stages).filter(([, { shape }]) => shape.length === 4 && shape[2]! * shape[3]! > 1);
  const [name, tensor] = maps.find(([name]) => name === 'attribution') ?? maps.at(-1) ?? [];
  return name === undefined || tensor === undefined ? null : { name, tensor };
}

interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** channel by channel, row-major */
  readonly data: Float64Array;
}

function select({ shape, data }: HostTensor, n: number): Planes {
  const [channels = 1, height = 1, width = 1] = shape.slice(-3);
  const size = channels * height * width;
  return { channels, height, width, data: Float64Array.from(data.subarray(n * size, (n + 1) * size)) };
}

function inRgb(image: Planes, channelOrder: Preprocess['channelOrder']): Planes {
  if (channelOrder !== 'BGR') return image;
  const area = image.width * image.height;
  const from = (i: number): number => (image.channels - 1 - Math.floor(i / area)) * area + (i % area);
  return { ...image, data: image.data.map((_, i) => image.data[from(i)]!) };
}

/** Values → a function to [0,1]; clipping follows. */
type Scale = (values: Float64Array) => (value: number) => number;

const unit: Scale = (values) => stretch({ low: 0, high: range(values).high });

/** By a formula of `methods`; values that are not finite are ignored in the maximum. */
const scaleBy =
  ({ centre, size, factor }: DisplayFormula): Scale =>
  (values) => {
    const { low, high } = range(values);
    const isConstant = low === high; // whose mean may be off by a rounding
    const middle = centre === 'mean' ? (isConstant ? low : mean(values)) : 0;
    const by = sizes[size](values.map((g) => g - middle)) || Infinity; // of size 0: all 0.5
    return (g) => ((g - middle) / by) * factor + 0.5;
  };

const sizes: Record<DisplayFormula['size'], (v: Float64Array) => number> = {
  'max-abs': (v) => Math.max(-range(v).low, range(v).high),
  rms: (v) => Math.sqrt(mean(v.map((value) => value ** 2))),
  max: (v) => Math.max(0, range(v).high),
};

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** RGB for three channels, grey for one; otherwise the first channel. */
function colour({ channels, height, width, data }: Planes, scale: Scale): RgbImage {
  const area = height * width;
  const toUnit = scale(data);
  const rgb = new Uint8Array(area * 3);
  for (let i = 0; i < rgb.length; i++)
    rgb[i] = level(toUnit(data[channels === 3 ? (i % 3) * area + Math.floor(i / 3) : Math.floor(i / 3)]!));
  return { width, height, rgb };
}

/** `gist_earth` from min(0, lowest) to the highest value, resized to the input; alone and half over the image. */
function heatmap(map: Planes, image: RgbImage, { height, width }: Planes): { image: RgbImage; map: RgbImage } {
  const plane = resizeBilinear(map.data.subarray(0, map.height * map.width), map.width, map.height, width, height);
  const { low, high } = range(plane);
  const toUnit = stretch({ low: Math.min(0, low), high });
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = gistEarth[3 * level(toUnit(plane[Math.floor(i / 3)]!)) + (i % 3)]!;
  const blended = rgb.map((value, i) => Math.round(0.5 * value + 0.5 * image.rgb[i]!));
  return { image: enlarge({ width, height, rgb: blended }), map: enlarge({ width, height, rgb }) };
}

/**
 * Like torchvision's `make_grid(normalize=True, scale_each=True)`: each tile normalised on its own, ⌈√n⌉ tiles a row,
 * padding 2. All of one size.
 */
function grid(tiles: readonly Planes[]): RgbImage {
  const { height = 0, width = 0 } = tiles[0] ?? {};
  const shown = tiles.slice(0, MAX_MAPS);
  const columns = Math.ceil(Math.sqrt(shown.length));
  const out = { width: columns * (width + 2) + 2, height: Math.ceil(shown.length / columns) * (height + 2) + 2 };
  const rgb = new Uint8Array(out.width * out.height * 3);
  for (const [k, tile] of shown.entries()) {
    const { rgb: pixels } = colour(tile, (values) => stretch(range(values)));
    const top = 2 + Math.floor(k / columns) * (height + 2);
    const left = 2 + (k % columns) * (width + 2);
    for (let row = 0; row < height; row++)
      rgb.set(pixels.subarray(3 * row * width, 3 * (row + 1) * width), 3 * ((top + row) * out.width + left));
  }
  return { ...out, rgb };
}

/** By an integer factor, as far as the longer side stays within `visible`. */
export function enlarge({ width, height, rgb }: RgbImage, visible = VISIBLE): RgbImage {
  const factor = Math.max(1, Math.floor(visible / Math.max(width, height)));
  const rows = height === 1 && width > 1 && visible > 1 ? Math.max(factor, SIGNAL_HEIGHT) : factor;
  if (rows === 1) return { width, height, rgb };
  const row = 3 * width * factor;
  const out = new Uint8Array(row * height * rows);
  for (let y = 0; y < height; y++) {
    const top = y * rows * row;
    for (let i = 0; i < row; i++) out[top + i] = rgb[3 * (y * width + Math.floor(i / 3 / factor)) + (i % 3)]!;
    for (let below = 1; below < rows; below++) out.copyWithin(top + below * row, top, top + row);
  }
  return { width: width * factor, height: height * rows, rgb: out };
}

/** Ignores NaN and ∞; 0 and 0 if no value is finite. */
export function range(values: ArrayLike<number>): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** low → 0, high → 1; a constant becomes 0. */
function stretch({ low, high }: { low: number; high: number }): (value: number) => number {
  return high > low ? (value) => (value - low) / (high - low) : () => 0;
}

/** [0,1] → 0…255, clipped; NaN is black. */
function level(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value || 0)) * 255);
}
