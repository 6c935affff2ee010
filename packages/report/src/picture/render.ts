import type { HostTensor, Preprocess, Stages } from '@touchstone/contract';
import type { PictureStyle } from '@touchstone/methods';
import type { Picture } from './decode.js';
import { gistEarth } from './gist-earth.js';
import { resizeBilinear } from './resize.js';

/** Pictures narrower than this are enlarged by a whole factor, so that a person can see their pixels. */
const VISIBLE = 224;
/** Feature maps shown of one layer. */
const MAX_MAPS = 1024;

/**
 * The pictures of one image's attribution, as the sources show them (formulas in `methods.md`).
 * `picture` is the one to show first: for a heat map the blend over the input, whose map alone is `map`.
 * A map of one channel without negative values (`reduce`: `abs-max`, `abs-sum`) is grey, 0 to its maximum.
 * @param attribution [N,C,H,W]
 * @param input the network's input [N,C,H,W], shown behind a heat map
 * @param n which image of the batch
 */
export function renderAttribution(style: PictureStyle, attribution: HostTensor, input: HostTensor, preprocess: Preprocess | undefined, n = 0): { picture: Picture; map?: Picture } {
  const image = select(attribution, n);
  if (style === 'heatmap') return heatmap(image, renderInput(input, preprocess, n, 1), select(input, n));
  if (style === 'maps') return { picture: enlarge(grid(image)) };
  return { picture: enlarge(colour(image, image.channels === 1 && range(image.data).low >= 0 ? unit : formulas[style])) };
}

/** The network's input back in pixels; without `preprocess`, stretched from its minimum to its maximum. */
export function renderInput(input: HostTensor, preprocess: Preprocess | undefined, n = 0, visible = VISIBLE): Picture {
  const image = select(input, n);
  const area = image.width * image.height;
  const stretched = stretch(range(image.data));
  const pixels = image.data.map((value, i) => {
    const c = Math.floor(i / area);
    return preprocess ? (value * (preprocess.std[c] ?? 1) + (preprocess.mean[c] ?? 0)) / 255 : stretched(value);
  });
  return enlarge(colour({ ...image, data: pixels }, () => (value) => value), visible);
}

/** The stage whose picture is shown: `attribution`, or where that is no map (a layer of a classifier's head), the last one that is. */
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

/** Values → a function to [0,1]; clipping follows. */
type Scale = (values: Float64Array) => (value: number) => number;

const unit: Scale = (values) => stretch({ low: 0, high: range(values).high });

const formulas: Record<'gradient' | 'guided' | 'deconv', Scale> = {
  gradient: (values) => {
    const { low, high } = range(values);
    const largest = Math.max(-low, high) || 1;
    return (g) => 0.5 + g / (2 * largest);
  },
  guided: (values) => {
    const mean = values.reduce((sum, g) => sum + g, 0) / values.length;
    const std = Math.sqrt(values.reduce((sum, g) => sum + (g - mean) ** 2, 0) / values.length) || 1;
    return (g) => ((g - mean) / std) * 0.1 + 0.5;
  },
  deconv: (values) => {
    const { high } = range(values);
    return (g) => (high > 0 ? g / high : 0) + 0.5;
  },
};

/** RGB for three channels, grey for one; of any other number the first. */
function colour({ channels, height, width, data }: Planes, scale: Scale): Picture {
  const area = height * width;
  const toUnit = scale(data);
  const rgb = new Uint8Array(area * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = level(toUnit(data[channels === 3 ? (i % 3) * area + Math.floor(i / 3) : Math.floor(i / 3)]!));
  return { width, height, rgb };
}

/** `gist_earth` from min(0, lowest) to the highest value, resized to the input; alone and half over the image. */
function heatmap(map: Planes, image: Picture, { height, width }: Planes): { picture: Picture; map: Picture } {
  const plane = resizeBilinear(map.data.subarray(0, map.height * map.width), map.width, map.height, width, height);
  const { low, high } = range(plane);
  const toUnit = stretch({ low: Math.min(0, low), high });
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < rgb.length; i++) rgb[i] = gistEarth[3 * level(toUnit(plane[Math.floor(i / 3)]!)) + (i % 3)]!;
  const blended = rgb.map((value, i) => Math.round(0.5 * value + 0.5 * image.rgb[i]!));
  return { picture: enlarge({ width, height, rgb: blended }), map: enlarge({ width, height, rgb }) };
}

/** Like torchvision's `make_grid`: each map normalised on its own, ⌈√n⌉ maps a row, padding 2. */
function grid({ channels, height, width, data }: Planes): Picture {
  const shown = Math.min(channels, MAX_MAPS);
  const columns = Math.ceil(Math.sqrt(shown));
  const out = { width: columns * (width + 2) + 2, height: Math.ceil(shown / columns) * (height + 2) + 2 };
  const rgb = new Uint8Array(out.width * out.height * 3);
  for (let k = 0; k < shown; k++) {
    const map = data.subarray(k * height * width, (k + 1) * height * width);
    const toUnit = stretch(range(map));
    const top = 2 + Math.floor(k / columns) * (height + 2);
    const left = 2 + (k % columns) * (width + 2);
    for (let i = 0; i < map.length; i++) {
      const at = 3 * ((top + Math.floor(i / width)) * out.width + left + (i % width));
      rgb.fill(level(toUnit(map[i]!)), at, at + 3);
    }
  }
  return { ...out, rgb };
}

function enlarge({ width, height, rgb }: Picture, visible = VISIBLE): Picture {
  const factor = Math.max(1, Math.floor(visible / Math.max(width, height)));
  if (factor === 1) return { width, height, rgb };
  const out = new Uint8Array(rgb.length * factor * factor);
  for (let i = 0; i < out.length; i++) {
    const pixel = Math.floor(i / 3);
    const y = Math.floor(pixel / (width * factor) / factor);
    const x = Math.floor((pixel % (width * factor)) / factor);
    out[i] = rgb[3 * (y * width + x) + (i % 3)]!;
  }
  return { width: width * factor, height: height * factor, rgb: out };
}

/** NaN and ∞ do not count; 0 and 0 where nothing is finite. */
function range(values: ArrayLike<number>): { low: number; high: number } {
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
