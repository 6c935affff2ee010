import { z } from 'zod';
import { Size } from '../values.js';

const Dim = Size.max(7);
const Reduced = z.strictObject({ /** []: all */ dims: z.array(Dim).max(8), keepdim: z.boolean() });

/** Sums, maxima and the Euclidean norm over dimensions; `dim` counts PyTorch's. */
export const reductions = {
  mean: Reduced,
  sum: Reduced,
  amax: Reduced,
  norm: Reduced,
  /** The values only; the gradient goes to the first maximum. */
  max: z.strictObject({ dim: Dim, keepdim: z.boolean() }),
} as const;
