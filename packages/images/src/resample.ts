/** The weights with which samples along one axis become those of a resized axis. */
import { roundHalfEven } from './rounding.js';

export interface Resampling {
  readonly interpolation: 'bilinear' | 'bicubic' | 'nearest';
  readonly antialias: boolean;
}

/** One row of weights per output position: input positions `first … first + weights.length − 1`. */
export interface Window {
  readonly first: number;
  readonly weights: ArrayLike<number>;
}

/** The output positions `start … start + count − 1` of an axis of `size` samples that becomes `outSize` long. */
export interface Stretch {
  readonly size: number;
  readonly outSize: number;
  readonly start: number;
  readonly count: number;
}

export interface Axis {
  readonly windows: readonly Window[];
  /** Whether the first pass is rounded to 8 bits. */
  readonly isRounded: boolean;
  /** From a weighted sum to a sample: of the first pass, of the last. */
  readonly finish: (sum: number) => number;
  readonly finishLast: (sum: number) => number;
}

interface Filter {
  /** Its radius, in samples. */
  readonly support: number;
  weight(distance: number): number;
}

const triangle: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** Keys' cubic. */
const cubic = (a: number): Filter => ({
  support: 2,
  weight(x) {
    const t = Math.abs(x);
    if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
  },
});

/** Pillow keeps the weights for 8-bit samples as integers with this many binary places. */
const ONE = 2 ** 22;

export function axisWindows(stretch: Stretch, { interpolation, antialias }: Resampling): Axis {
  if (interpolation === 'nearest') return fixed(nearest(stretch));
  if (antialias) return fixed(antialiased(stretch, interpolation === 'bicubic' ? cubic(-0.5) : triangle));
  return {
    windows: interpolated(stretch, interpolation === 'bicubic' ? cubic(-0.75) : triangle),
    isRounded: false,
    finish: (sum) => sum,
    finishLast: (sum) => clamp(roundHalfEven(sum)),
  };
}

/** In Pillow's integer arithmetic; every sum of products is exact in a double. */
function fixed(windows: Window[]): Axis {
  const finish = (sum: number): number => clamp(Math.floor((sum + ONE / 2) / ONE));
  return { windows, isRounded: true, finish, finishLast: finish };
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, value));
}

/** Pillow's `precompute_coeffs`: the filter widens by the scale, and is cut off at the edges. */
function antialiased({ size, outSize, start, count }: Stretch, { support, weight }: Filter): Window[] {
  const scale = size / outSize;
  const wide = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = (start + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support * wide + 0.5));
    const last = Math.min(size, Math.trunc(centre + support * wide + 0.5));
    const raw = Array.from({ length: last - first }, (_, k) => weight((k + first - centre + 0.5) / wide));
    const total = raw.reduce((sum, w) => sum + w, 0);
    const weights = raw.map((w) => {
      const places = (w / total) * ONE;
      return Math.trunc(places < 0 ? places - 0.5 : places + 0.5);
    });
    return { first, weights };
  });
}

/** PyTorch's `interpolate` without antialiasing: beyond the edges, the samples at the edge. */
function interpolated({ size, outSize, start, count }: Stretch, { support, weight }: Filter): Window[] {
  return Array.from({ length: count }, (_, i) => {
    const at = ((start + i + 0.5) * size) / outSize - 0.5;
    const low = Math.floor(at) - support + 1;
    const inside = (position: number): number => Math.min(size - 1, Math.max(0, position));
    const first = inside(low);
    const weights = Array.from({ length: inside(low + 2 * support - 1) - first + 1 }, () => 0);
    for (let k = low; k < low + 2 * support; k++) weights[inside(k) - first]! += weight(k - at);
    return { first, weights };
  });
}

/** Beyond it, no image fits into Pillow's memory. */
const MAX_PILLOW_SIDE = 2 ** 22;

/** Pillow's `ImagingScaleAffine`, which adds up the positions: at a boundary their rounding decides. */
function nearest({ size, outSize, start, count }: Stretch): Window[] {
  const scale = size / outSize;
  const position = outSize > MAX_PILLOW_SIDE ? (o: number) => (o + 0.5) * scale : addedUp(scale);
  return Array.from({ length: count }, (_, i) => ({
    first: Math.min(size - 1, Math.floor(position(start + i))),
    weights: [ONE],
  }));
}

/** For positions that are asked for in ascending order. */
function addedUp(scale: number): (o: number) => number {
  let [next, at] = [0, scale * 0.5];
  return (o) => {
    for (; next < o; next++) at += scale;
    return at;
  };
}
