import type * as tf from '@tensorflow/tfjs-core';
import { applyAxisMaps, axisMap } from '@touchstone/network';

/**
 * Gaussian over rows and columns, cut off at 4σ, the image mirrored at its edge (edge pixels twice): scipy's
 * `gaussian_filter1d`.
 */
export function blurred(x: tf.Tensor4D, sigma: number): tf.Tensor4D {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (size: number) =>
    axisMap(size, size, (set, row) => {
      for (const [i, weight] of weights.entries()) set(mirrored(row + i - radius, size), weight / total);
    });
  return applyAxisMaps(x, along(x.shape[1]), along(x.shape[2]));
}

/** … 1 0 | 0 1 … n−1 | n−1 n−2 … */
function mirrored(i: number, size: number): number {
  const folded = ((i % (2 * size)) + 2 * size) % (2 * size);
  return folded < size ? folded : 2 * size - 1 - folded;
}
