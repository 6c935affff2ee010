/**
 * What SmoothGrad's images per second are of what an engine, and the machine, can do: multiply-adds against those of
 * a large matrix product.
 */

/** The side of the matrices: about a quarter of a second's work by estimate, a power of two from 256 to 2048. */
export function productSize(multiplyAddsPerSecond: number): number {
  const side = 2 ** Math.floor(Math.log2(Math.cbrt(multiplyAddsPerSecond / 4)));
  return Math.min(2048, Math.max(256, side));
}

export function productsPerSecond(size: number, milliseconds: readonly number[]): number {
  return (size ** 3 * 1000) / Math.min(...milliseconds);
}

/**
 * Multiply-adds of a noisy sample: its forward pass, and its input gradient, which takes as many; and its part of the
 * one pass that gives the picture's scores. As the formulas have them: a faster algorithm can bring the share above 1.
 */
export function multiplyAddsPerImage(forward: number, samples: number): number {
  return forward * (2 + 1 / samples);
}
