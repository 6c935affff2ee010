/** A map over a photograph, where the network looked. */
import type { RgbImage } from '../decode.js';
import type { Placement } from '../preprocess.js';
import { notFiniteColour, type ColourMap } from './colour-map.js';
import type { Window } from '../resample.js';
import { endsOf, type ShownMap } from './shown-map.js';

/** The share of the map's colours; the rest is the photograph in grey, whose own colours would change the map's. */
const OPACITY = 0.6;
/** What is left of the light where the network did not look. */
const DIMMED = 0.45;

/** What each pixel of the photograph shows of the map, along an axis; null: it is cropped away. */
type Axis = readonly (Window | null)[];

interface Line {
  /** Pixels of the photograph. */
  readonly size: number;
  /** Of the image as it is resized, before it is cropped. */
  readonly resized: number;
  readonly start: number;
  readonly count: number;
  readonly mapSize: number;
}

/**
 * Inverts resizing and cropping. Between the map's pixels bilinear with half-pixel centres; where the photograph is
 * smaller than the map, the filter widens, so that no pixel of the map is lost.
 */
function axisOf({ size, resized, start, count, mapSize }: Line): Axis {
  const scale = ((resized / size) * mapSize) / count;
  const support = Math.max(1, scale);
  return Array.from({ length: size }, (_, i) => {
    const centre = ((((i + 0.5) * resized) / size - start) * mapSize) / count;
    if (centre < 0 || centre >= mapSize) return null;
    const first = Math.max(0, Math.ceil(centre - support - 0.5));
    const last = Math.min(mapSize - 1, Math.floor(centre + support - 0.5));
    const weights = Array.from({ length: last - first + 1 }, (_, k) =>
      Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / support),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

export function drawOverlay(
  photo: RgbImage,
  { resized, region }: Placement,
  map: ShownMap,
  colours: ColourMap,
): RgbImage {
  const columns = axisOf({
    size: photo.width,
    resized: resized.width,
    start: region.left,
    count: region.width,
    mapSize: map.width,
  });
  const rows = axisOf({
    size: photo.height,
    resized: resized.height,
    start: region.top,
    count: region.height,
    mapSize: map.height,
  });
  const stretched = alongRows(map, columns);
  const rgb = new Uint8Array(photo.rgb.length);
  const levelOf = levels(map, colours);
  const table = withNotFinite(colours).map((value) => OPACITY * value);
  for (let y = 0, at = 0; y < photo.height; y++) {
    const row = rows[y]!;
    for (let x = 0; x < photo.width; x++, at += 3) {
      const light = lightOf(photo.rgb, at);
      if (row === null || columns[x] === null) rgb.fill(DIMMED * light + 0.5, at, at + 3);
      else {
        const level = levelOf(weighted(stretched, row, x, photo.width));
        for (let c = 0; c < 3; c++) rgb[at + c] = table[3 * level + c]! + (1 - OPACITY) * light + 0.5;
      }
    }
  }
  return { width: photo.width, height: photo.height, rgb };
}

/** The map as wide as the photograph, [map's height, photograph's width]. */
function alongRows({ width, height, values }: ShownMap, columns: Axis): Float64Array {
  const out = new Float64Array(height * columns.length);
  for (let y = 0, i = 0; y < height; y++)
    for (const column of columns) out[i++] = column === null ? 0 : weighted(values, column, y * width, 1);
  return out;
}

/** @param from the position of the axis's first pixel */
function weighted(values: Float64Array, { first, weights }: Window, from: number, stride: number): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++)
    if (weights[k] !== 0) sum += weights[k]! * values[from + (first + k) * stride]!;
  return sum;
}

/** The map alone, a pixel for each of its own. */
export function drawMap(map: ShownMap, colours: ColourMap): RgbImage {
  const rgb = new Uint8Array(map.values.length * 3);
  const levelOf = levels(map, colours);
  const table = withNotFinite(colours);
  for (const [i, value] of map.values.entries()) {
    const level = levelOf(value);
    rgb.set(table.subarray(3 * level, 3 * level + 3), 3 * i);
  }
  return { width: map.width, height: map.height, rgb };
}

/** From a value to its place in the table: 0 to 255, or 256 for what is not finite. */
function levels(map: ShownMap, { diverging }: ColourMap): (value: number) => number {
  const { low, high } = endsOf(map, diverging);
  const middle = diverging ? 128 : 0;
  return (value) => {
    if (!Number.isFinite(value)) return 256;
    return high > low ? Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low)))) : middle;
  };
}

function withNotFinite({ table }: ColourMap): Float64Array {
  return Float64Array.of(...table, ...notFiniteColour);
}

function lightOf(rgb: Uint8Array, at: number): number {
  return 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
}
