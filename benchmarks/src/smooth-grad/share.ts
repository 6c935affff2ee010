/** SmoothGrad's multiply-adds per second as a share of those of a large matrix product. */

/** The side of the matrices: a power of two from 256 to 2048, for an estimated quarter of a second. */
export function productSize(multiplyAddsPerSecond: number): number {
  const side = 2 ** Math.floor(Math.log2(Math.cbrt(multiplyAddsPerSecond / 4)));
  return Math.min(2048, Math.max(256, side));
}

export function productsPerSecond(size: number, milliseconds: readonly number[]): number {
  return (size ** 3 * 1000) / Math.min(...milliseconds);
}

/**
 * Multiply-adds of a noisy sample by the formulas: its forward pass, its input gradient, which takes as many, and its
 * part of the one pass for the image's scores. A faster algorithm can bring the share above 1.
 */
export function multiplyAddsPerImage(forward: number, samples: number): number {
  return forward * (2 + 1 / samples);
}
