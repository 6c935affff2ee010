/**
 * Which activations are near each other. In doubles, because the search for the bandwidths branches on every rounding.
 * scikit-learn, `_t_sne.py` (`_joint_probabilities`) and `_utils.pyx` (`_binary_search_perplexity`).
 */
import type { HostTensor } from '@touchstone/contract';

/** N points: row i of a matrix [N,N] in row-major order. */
export interface Matrix {
  readonly n: number;
  readonly data: Float64Array;
}

/** Rows [N,d] → ‖aᵢ − aⱼ‖² [N,N], rounded to float32 as scikit-learn rounds them for the search. */
export function squaredDistances({ shape, data }: HostTensor): Matrix {
  const [n, d] = shape as [number, number];
  const distances = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0, a = i * d, b = j * d; k < d; k++, a++, b++) sum += (data[a]! - data[b]!) ** 2;
      distances[i * n + j] = distances[j * n + i] = Math.fround(sum);
    }
  }
  return { n, data: distances };
}

const maxHalvings = 100;
const entropyTolerance = Math.fround(1e-5);
/** Replaces a sum that underflows to zero. */
const emptySum = Math.fround(1e-8);

/** Row i is p(j|i) ∝ exp(−β·distance), p(i|i) = 0, with β such that the row's entropy in nats is `entropy`. */
export function conditionalProbabilities({ n, data: distances }: Matrix, entropy: number): Matrix {
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    fillRow(data.subarray(i * n, (i + 1) * n), distances.subarray(i * n, (i + 1) * n), i, entropy);
  return { n, data };
}

/** Bisects β, doubling or halving it while one side is open; the row is that of the last β tried. */
function fillRow(row: Float64Array, distances: Float64Array, own: number, wanted: number): void {
  let [beta, low, high] = [1, -Infinity, Infinity];
  for (let tries = 0; tries < maxHalvings; tries++) {
    let sum = 0;
    for (let j = 0; j < row.length; j++) if (j !== own) sum += row[j] = Math.exp(-distances[j]! * beta);
    if (sum === 0) sum = emptySum;
    let mean = 0;
    for (let j = 0; j < row.length; j++) mean += distances[j]! * (row[j]! /= sum);
    const excess = Math.log(sum) + beta * mean - wanted;
    if (Math.abs(excess) <= entropyTolerance) return;
    if (excess > 0) {
      low = beta;
      beta = high === Infinity ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = low === -Infinity ? beta / 2 : (beta + low) / 2;
    }
  }
}

/** p(j|i) + p(i|j). */
export function symmetrised({ n, data }: Matrix): Matrix {
  return { n, data: data.map((p, at) => p + data[(at % n) * n + Math.floor(at / n)]!) };
}

/** Divided by its sum; at least the double epsilon off the diagonal, and 0 on it. */
export function normalised({ n, data }: Matrix): Matrix {
  const sum = Math.max(
    data.reduce((all, p) => all + p, 0),
    Number.EPSILON,
  );
  return { n, data: data.map((p, at) => (at % (n + 1) === 0 ? 0 : Math.max(p / sum, Number.EPSILON))) };
}

/** KL(P‖Q) = Σ p·log(p/q), q ∝ 1/(1 + ‖yᵢ − yⱼ‖²), of joint probabilities [N,N] and an embedding [N,2]. */
export function divergence({ n, data: joint }: Matrix, embedding: ArrayLike<number>): number {
  let all = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) all += 2 * similarity(embedding, i, j);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const p = joint[i * n + j]!;
      sum += p * Math.log(p / Math.max(similarity(embedding, i, j) / all, Number.EPSILON));
    }
  }
  return sum;
}

function similarity(embedding: ArrayLike<number>, i: number, j: number): number {
  return 1 / (1 + (embedding[2 * i]! - embedding[2 * j]!) ** 2 + (embedding[2 * i + 1]! - embedding[2 * j + 1]!) ** 2);
}
