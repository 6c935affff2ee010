/** The numbers of an attribution that a figure shows: one for each pixel, and the values at the ends of the colours. */
import type { HostTensor } from '@touchstone/contract';

export interface ShownMap {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
  /** The ends of the colours; 0 lies between them, or at one of them. */
  readonly low: number;
  readonly high: number;
  /** The least and the largest finite value. */
  readonly least: number;
  readonly most: number;
  /** Values beyond this percentile of |values| have the colour of the ends; null: there are none. */
  readonly percentile: number | null;
  /** |values| of several channels, added up. */
  readonly summed: boolean;
  /** Values that are NaN or ±∞. */
  readonly notFinite: number;
}

/**
 * Image n of [N,C,h,w]. One channel is shown as it is; of several, Σ|values| over the channels, clipped at the
 * percentile: the 99th in Smilkov et al. 2017, section 3, and in their `VisualizeImageGrayscale`, but from 0 instead of
 * the least value, so that colours of two maps can be compared.
 */
export function shownMap({ shape, data }: HostTensor, n: number, percentile: number): ShownMap {
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  const area = height * width;
  const from = n * channels * area;
  const values = Float64Array.from(data.subarray(from, from + area));
  for (let c = 1; c < channels; c++)
    for (let i = 0; i < area; i++)
      values[i] = (c === 1 ? Math.abs(values[i]!) : values[i]!) + Math.abs(data[from + c * area + i]!);
  const finite = values.filter(Number.isFinite);
  const [least, most] = finite.reduce(([low, high], v) => [Math.min(low, v), Math.max(high, v)], [Infinity, -Infinity]);
  const limit = percentile < 100 ? percentileOf(finite.map(Math.abs), percentile) : 0;
  const isClipped = limit > 0 && limit < Math.max(most, -least);
  const end = isClipped ? limit : Infinity;
  return {
    width,
    height,
    values,
    low: Math.max(Math.min(0, least), -end),
    high: Math.min(Math.max(0, most), end),
    least: finite.length === 0 ? 0 : least,
    most: finite.length === 0 ? 0 : most,
    percentile: isClipped ? percentile : null,
    summed: channels > 1,
    notFinite: values.length - finite.length,
  };
}

/** NumPy's, by linear interpolation; 0 of no values. */
function percentileOf(values: Float64Array, percentile: number): number {
  const sorted = values.toSorted();
  const at = (percentile / 100) * (sorted.length - 1);
  const [low = 0, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/** The ends of a colour map: one that diverges has 0 in its middle. */
export function endsOf({ low, high }: ShownMap, diverging: boolean): { low: number; high: number } {
  if (!diverging) return { low, high };
  const end = Math.max(-low, high);
  return { low: -end, high: end };
}
