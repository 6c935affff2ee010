import type { Matrix } from './probabilities.js';

/**
 * 1 − 2/(N·k·(2N − 3k − 1)) · Σᵢ Σⱼ max(0, r(i,j) − k): j goes over the k nearest of i in the embedding [N,2], r is
 * j's rank among the neighbours of i by `distances`. Venna & Kaski 2001; scikit-learn,
 * `sklearn.manifold.trustworthiness`.
 */
export function trustworthiness({ n, data: distances }: Matrix, embedding: ArrayLike<number>, k = 5): number {
  let penalty = 0;
  for (let i = 0; i < n; i++) {
    const row = distances.subarray(i * n, (i + 1) * n);
    for (const j of nearest(embedding, n, i, k)) penalty += Math.max(0, rank(row, i, j) - k);
  }
  return 1 - (2 * penalty) / (n * k * (2 * n - 3 * k - 1));
}

/** The k points nearest to point i, the nearest first; of equals the one with the lower number. */
function nearest(embedding: ArrayLike<number>, n: number, i: number, k: number): number[] {
  const found: { readonly j: number; readonly distance: number }[] = [];
  for (let j = 0; j < n; j++) {
    if (j === i) continue;
    const distance =
      (embedding[2 * i]! - embedding[2 * j]!) ** 2 + (embedding[2 * i + 1]! - embedding[2 * j + 1]!) ** 2;
    if (found.length === k && !(distance < found[k - 1]!.distance)) continue;
    const place = found.findIndex((other) => distance < other.distance);
    found.splice(place < 0 ? found.length : place, 0, { j, distance });
    found.length = Math.min(found.length, k);
  }
  return found.map(({ j }) => j);
}

/** 1 for the nearest; of equals the one with the lower number comes first. */
function rank(distances: Float64Array, own: number, j: number): number {
  let place = 1;
  for (let other = 0; other < distances.length; other++) {
    if (other === own || other === j) continue;
    if (distances[other]! < distances[j]! || (distances[other] === distances[j] && other < j)) place++;
  }
  return place;
}
