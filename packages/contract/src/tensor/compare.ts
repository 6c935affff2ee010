import type { HostTensor } from '../domain/index.js';
import { unravelIndex, sameShape } from './sampling.js';

/** One element that differs. */
export interface Position {
  /** Row-major, one number per dimension. */
  readonly index: readonly number[];
  readonly got: number;
  readonly golden: number;
}

export interface Comparison {
  /** A difference that is no distance: another shape, or NaN, ∞ or −∞ at other places. */
  readonly check: 'shape' | 'non-finite' | null;
  /** `‖x−r‖₂/‖r‖₂` over the finite elements; Infinity where `check` is set, or r is zero and x is not. */
  readonly e2: number;
  /** `max|x−r|/max|r|`, likewise. */
  readonly eMax: number;
  /**
   * The element with the largest difference, or the first whose NaN or ∞ disagrees; null where no element or the shape
   * differs.
   */
  readonly worst: Position | null;
}

/**
 * The distance of `actual` from `golden`, in float64, relative to the norms of `relativeTo`. Values are scaled by a
 * power of two, so that neither 1e300 overflows nor 1e-300 underflows.
 */
export function compareTensors(actual: HostTensor, golden: HostTensor, relativeTo: HostTensor = golden): Comparison {
  if (!comparable(actual, golden)) return { check: 'shape', e2: Infinity, eMax: Infinity, worst: null };
  const x = actual.data;
  const r = golden.data;
  const at = (i: number): Position => ({ index: unravelIndex(i, golden.shape), got: x[i]!, golden: r[i]! });

  for (let i = 0; i < r.length; i++) {
    if (!Number.isFinite(x[i]!) || !Number.isFinite(r[i]!)) {
      if (!Object.is(x[i]!, r[i]!)) return { check: 'non-finite', e2: Infinity, eMax: Infinity, worst: at(i) };
    }
  }

  const size = largest(relativeTo.data);
  const scale = powerOfTwo(size);
  let furthest = -1;
  let difference = 0;
  for (let i = 0; i < r.length; i++) {
    const d = Math.abs(x[i]! / scale - r[i]! / scale);
    if (d > difference) {
      difference = d;
      furthest = i;
    }
  }
  if (furthest < 0) return { check: null, e2: 0, eMax: 0, worst: null };
  if (size === 0 || difference === Infinity) return { check: null, e2: Infinity, eMax: Infinity, worst: at(furthest) };

  let differences = 0;
  for (let i = 0; i < r.length; i++) {
    const d = (x[i]! / scale - r[i]! / scale) / difference;
    if (Number.isFinite(d)) differences += d * d;
  }
  let reference = 0;
  for (const value of relativeTo.data) {
    const v = value / scale;
    if (Number.isFinite(v)) reference += v * v;
  }
  return {
    check: null,
    e2: (difference * Math.sqrt(differences)) / Math.sqrt(reference),
    eMax: difference / (size / scale),
    worst: at(furthest),
  };
}

/** Whether two tensors are equal bit for bit (any NaN equals any NaN). */
export function sameBits(first: HostTensor, second: HostTensor): boolean {
  if (!comparable(first, second)) return false;
  for (let i = 0; i < first.data.length; i++) {
    if (!Object.is(first.data[i], second.data[i])) return false;
  }
  return true;
}

function comparable(a: HostTensor, b: HostTensor): boolean {
  return sameShape(a.shape, b.shape) && a.data.length === b.data.length;
}

/** The largest finite magnitude. */
function largest(data: HostTensor['data']): number {
  let size = 0;
  for (const value of data) {
    const magnitude = Math.abs(value);
    if (magnitude > size && magnitude !== Infinity) size = magnitude;
  }
  return size;
}

function powerOfTwo(size: number): number {
  return size === 0 ? 1 : 2 ** Math.floor(Math.log2(size));
}
