import type { NetworkDescription } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';

/**
 * Three float32 per activation: the value kept for the backward pass, its gradient, and the kernels' working memory.
 */
const bytesPerActivation = 3 * 4;

/** The default limit: fits into any backend's memory. */
export const defaultPassBytes = 2 ** 28;

/**
 * `batch: auto`: as many samples as fit into `passBytes`, at least one. A fixed rule, see docs/adr/0010-batch-size.md.
 *
 * @param input [N,C,H,W]; a sample is all N images
 * @param passBytes the most bytes for the activations of one forward and backward pass
 */
export function samplesPerPass(
  description: NetworkDescription,
  input: readonly number[],
  passBytes: number = defaultPassBytes,
): number {
  const shapes = shapesOf(description, input);
  if (shapes === null) return 1;
  const activations = shapes.leaves.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return Math.max(1, Math.floor(passBytes / (bytesPerActivation * Math.max(1, activations))));
}
