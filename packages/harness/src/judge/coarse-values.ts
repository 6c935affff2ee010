/** Right values that were stored in a type that is too coarse for them. */
import { maximum, type HostTensor } from '@touchstone/contract';

const byteMax = 255;

/** Each value within 3 half-precision roundings of the right one, and each with at most 11 bits. */
export function isHalf(right: HostTensor, got: HostTensor): boolean {
  if (right.data.length !== got.data.length) return false;
  const top = maximum(right.data.map(Math.abs));
  return got.data.every((value, i) => {
    const bits = value === 0 ? 0 : value / 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);
    return Number.isInteger(bits) && Math.abs(value - right.data[i]!) <= 3 * 2 ** -11 * top;
  });
}

/**
 * Whole numbers from 0 to 255, which the largest reaches, each within 1 of the right value after scaling by the
 * maximum, or by minimum and maximum: of each image, or of all.
 */
export function isInBytes(right: HostTensor, got: HostTensor): boolean {
  const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= byteMax;
  if (right.data.length !== got.data.length || !got.data.every(isByte)) return false;
  if (maximum(got.data) < byteMax - 1) return false;
  const all = right.data.length;
  return [all, all / (right.shape[0] ?? 1)].some((size) => {
    const parts = Array.from({ length: all / size }, (_, i) => [i * size, (i + 1) * size] as const);
    return [() => 0, minimum].some((lowOf) =>
      parts.every(([start, end]) => {
        const values = right.data.subarray(start, end);
        const [low, high] = [lowOf(values), maximum(values)];
        return values.every((value, i) => {
          const scaled = (byteMax * Math.max(value - low, 0)) / (high - low || 1);
          return Math.abs(got.data[start + i]! - scaled) <= 1;
        });
      }),
    );
  });
}

function minimum(values: HostTensor['data']): number {
  return -maximum(values.map((value) => -value));
}
