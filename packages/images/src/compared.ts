/** A stage next to what it should be: expected, got and their difference, on one scale. */
import { sameShape, type HostTensor } from '@touchstone/contract';
import type { RgbImage } from './decode.js';

export interface ComparedImage {
  /** Three panels from left to right: expected, got, and the difference; a fourth where the difference is amplified. */
  readonly image: RgbImage;
  /** Of one panel; around each are `panelGap` pixels. */
  readonly width: number;
  readonly height: number;
  /** Which plane is shown, for people: the one with the largest difference, such as "image 0, channel 12". */
  readonly plane: string;
  /** White is 0, red this, blue minus this. */
  readonly scale: number;
  /** The factor of the fourth panel; null: there is none, because the difference is as large as the values. */
  readonly amplified: number | null;
}

/** The longer side of a panel, at least, where a pixel may be enlarged. */
const visible = 192;
/** Vectors are broken into rows of this length. */
const rowLength = 16;
export const panelGap = 8;
const gap = panelGap;
/** Below this share of the scale a difference is amplified too. */
const faint = 0.1;

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/**
 * Null where there is nothing to draw: another shape, or no values.
 * @param longest pixels of the longer side of a panel, up to which its pixels are enlarged
 */
export function renderCompared(expected: HostTensor, got: HostTensor, longest = visible): ComparedImage | null {
  if (!sameShape(expected.shape, got.shape) || expected.data.length === 0) return null;
  const [height, width, planes] = sizesOf(expected.shape);
  const at = furthest(expected, got, height * width);
  const [right, seen] = [planeAt(expected, at, height, width), planeAt(got, at, height, width)];
  const difference = { ...right, values: right.values.map((value, i) => seen.values[i]! - value) };
  const scale = Math.max(largest(right), largest(seen));
  const amplified = amplificationOf(difference, scale);
  const factor = enlargementOf(right, longest);
  return {
    image: panelsOnScale([right, seen, difference], { scale, amplified, longest }),
    width: factor * right.width,
    height: factor * right.height,
    plane: nameOf(expected.shape, at, planes),
    scale,
    amplified,
  };
}

/** How many times the difference is amplified; null: it is not faint, or there is none. */
export function amplificationOf(difference: Plane, scale: number): number | null {
  const widest = largest(difference);
  return widest > 0 && widest < faint * scale ? 10 ** Math.floor(Math.log10(scale / widest)) : null;
}

interface Drawing {
  readonly scale: number;
  readonly amplified: number | null;
  /** As of `renderCompared`. */
  readonly longest: number;
}

/** Planes of one size, the difference last. */
export function panelsOnScale(planes: readonly Plane[], { scale, amplified, longest }: Drawing): RgbImage {
  const panels = planes.map((plane) => panel(plane, scale, longest));
  if (amplified !== null) panels.push(panel(planes.at(-1)!, scale / amplified, longest));
  return inARow(panels);
}

/** Rows and columns of a plane, and the number of planes. */
function sizesOf(shape: readonly number[]): [height: number, width: number, planes: number] {
  const size = shape.reduce((product, length) => product * length, 1);
  if (shape.length === 4) return [shape[2]!, shape[3]!, shape[0]! * shape[1]!];
  const length = shape.length < 2 ? size : size / shape[0]!;
  return [1, length, size / length];
}

function nameOf(shape: readonly number[], at: number, planes: number): string {
  if (shape.length !== 4) return planes === 1 ? '' : `image ${at}`;
  const channels = shape[1]!;
  return [
    ...(shape[0]! > 1 ? [`image ${Math.floor(at / channels)}`] : []),
    ...(channels > 1 ? [`channel ${at % channels}`] : []),
  ].join(', ');
}

/** The plane with the largest difference, or the first in which a value is not finite. */
function furthest({ data: expected }: HostTensor, { data: got }: HostTensor, size: number): number {
  let [at, most] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Math.floor(i / size);
    if (difference > most) [at, most] = [Math.floor(i / size), difference];
  }
  return at;
}

function planeAt({ data }: HostTensor, at: number, height: number, width: number): Plane {
  const values = Float64Array.from(data.subarray(at * height * width, (at + 1) * height * width));
  if (height > 1 || width <= rowLength) return { width, height, values };
  const rows = Math.ceil(width / rowLength);
  const padded = new Float64Array(rows * rowLength);
  padded.set(values);
  return { width: rowLength, height: rows, values: padded };
}

function largest({ values }: Plane): number {
  return values.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
}

/** White is 0, red positive, blue negative; NaN and ±∞ are yellow. */
function colourOf(value: number, scale: number): [number, number, number] {
  if (!Number.isFinite(value)) return [255, 214, 0];
  const share = scale === 0 ? 0 : Math.min(Math.max(value / scale, -1), 1);
  const fading = Math.round(255 * (1 - Math.abs(share)));
  return share >= 0 ? [255, fading, fading] : [fading, fading, 255];
}

function enlargementOf({ width, height }: Plane, longest: number): number {
  return Math.max(1, Math.floor(longest / Math.max(width, height)));
}

function panel({ width, height, values }: Plane, scale: number, longest: number): RgbImage {
  const factor = enlargementOf({ width, height, values }, longest);
  const rgb = new Uint8Array(3 * width * height * factor * factor);
  for (let y = 0; y < height * factor; y++)
    for (let x = 0; x < width * factor; x++) {
      const value = values[Math.floor(y / factor) * width + Math.floor(x / factor)]!;
      rgb.set(colourOf(value, scale), 3 * (y * width * factor + x));
    }
  return { width: width * factor, height: height * factor, rgb };
}

/** Panels of one size, on grey. */
function inARow(panels: readonly RgbImage[]): RgbImage {
  const [{ width, height }] = panels as [RgbImage];
  const whole = { width: panels.length * (width + gap) + gap, height: height + 2 * gap };
  const rgb = new Uint8Array(3 * whole.width * whole.height).fill(128);
  for (const [i, each] of panels.entries())
    for (let y = 0; y < height; y++)
      rgb.set(
        each.rgb.subarray(3 * y * width, 3 * (y + 1) * width),
        3 * ((y + gap) * whole.width + i * (width + gap) + gap),
      );
  return { ...whole, rgb };
}
