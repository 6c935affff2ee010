/**
 * Some kernels turn NaN into a number (docs/upstream/README.md). Where such a kernel runs, an upper bound of |x| proves
 * that no number overflows, so that no NaN can arise; otherwise the operation takes a slower way that keeps NaN. Bounds
 * follow the tensors through a network, because measuring each would cost more than some convolutions.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits, KernelLosingNaN } from '@touchstone/contract';

/** float32 ends at 3.4e38; what is left is for the rounding of sums. */
const maxBound = 1e38;
/** From here on the next layers may prove nothing; numbers of a real network are far below. */
const maxUseful = 1e20;

const bounds = new WeakMap<tf.Tensor, number>();
const gains = new WeakMap<tf.Tensor, number>();

/** Whether the current backend has such a kernel. */
export function losesNaN(kernel: KernelLosingNaN): boolean {
  return (tf.backend() as BackendTraits).losesNaN?.includes(kernel) ?? false;
}

/** Declares that |y| ≤ `bound`; a bound that is too large to prove anything is not kept. */
export function bounded<T extends tf.Tensor>(y: T, bound: number): T {
  if (bound <= maxBound) bounds.set(y, bound);
  return y;
}

/** A clone with the bound of x. */
export function cloned(x: tf.Tensor): tf.Tensor {
  return bounded(x.clone(), boundOf(x));
}

/** The known bound; Infinity where there is none. */
export function boundOf(x: tf.Tensor): number {
  return bounds.get(x) ?? Infinity;
}

/**
 * The bound of a result whose magnitude is at most `of(max|x|)`, by the known bound of x, else by measuring x. null: it
 * may overflow, or x is not finite.
 */
export function provenBound(x: tf.Tensor, of: (bound: number) => number): number | null {
  for (const bound of [boundOf, measured]) {
    const y = of(bound(x));
    if (y <= maxBound) return y;
  }
  return null;
}

/**
 * A bound that is worth carrying on: measured where none is known or it is far too large, so that tensors that are used
 * often are measured once. Infinity where the backend needs no bounds.
 */
export function usefulBoundOf(x: tf.Tensor): number {
  const known = boundOf(x);
  return known > maxUseful && losesNaN('convolution') ? measured(x) : known;
}

/** max|x|, kept as its bound; NaN where x holds NaN. Waits for the backend. */
function measured(x: tf.Tensor): number {
  const bound = tf.tidy(() => Math.max(tf.max(x).dataSync()[0]!, -tf.min(x).dataSync()[0]!));
  bounded(x, bound);
  return bound;
}

/** The largest Σ|w| of an output channel of a kernel [h,w,in,out], or of a depthwise one [h,w,C,multiplier]. */
export function gainOf(kernel: tf.Tensor4D, depthwise: boolean): number {
  let gain = gains.get(kernel);
  if (gain === undefined) {
    const [, , channels, out] = kernel.shape;
    gain = largestColumn(kernel.dataSync(), depthwise ? channels * out : out);
    gains.set(kernel, gain);
  }
  return gain;
}

/** The largest Σ|v| of a column, NaN where there is one; faster here than as kernels of wasm. */
function largestColumn(values: ArrayLike<number>, columns: number): number {
  const sums = new Float64Array(columns);
  for (let row = 0; row < values.length; row += columns)
    for (let i = 0; i < columns; i++) sums[i]! += Math.abs(values[row + i]!);
  return sums.reduce((largest, sum) => Math.max(largest, sum), 0);
}

/** Whether x may hold NaN. Waits for the backend. */
export function mayHoldNaN(x: tf.Tensor): boolean {
  return boundOf(x) === Infinity && !Number.isFinite(measured(x));
}
