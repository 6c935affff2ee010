import { z } from 'zod';
import { Flatten, Nothing } from '../attributes.js';
import { Size } from '../values.js';

const maxRank = 8;
const Dim = Size.max(maxRank - 1);
const Dims = z.array(Dim).min(1).max(maxRank);
const Index = z.number().int().min(0).max(1_000_000);

/** The same values in another form. `dim` counts PyTorch's dimensions: NCHW of a map. */
export const movement = {
  cat: z.strictObject({ dim: z.number().int() }),
  flatten: Flatten,
  reshape: z.strictObject({
    /** −1, once at most: whatever is left, which is the size that grows with the batch */
    shape: z
      .array(Size.or(z.literal(-1)))
      .max(maxRank)
      .refine((shape) => shape.filter((size) => size === -1).length <= 1, 'has -1 at most once'),
  }),
  contiguous: Nothing,
  permute: z.strictObject({
    dims: z
      .array(Dim)
      .max(maxRank)
      .refine((dims) => dims.every((_, dim) => dims.includes(dim)), 'names every dimension once'),
  }),
  expand: z.strictObject({
    /** −1: the size stays; null: the first size of the second input, which is then given */
    shape: z.array(Size.or(z.literal(-1)).nullable()).max(maxRank),
  }),
  select: z.strictObject({ dim: Dim, index: Index }),
  slice: z.strictObject({ dim: Dim, start: Index, end: Index, step: Index.min(1) }),
  index_select: z.strictObject({
    dim: Dim,
    index: z
      .array(Index)
      .min(1)
      .max(2 ** 20),
  }),
  roll: z
    .strictObject({ shifts: z.array(z.number().int()).max(maxRank), dims: Dims })
    .refine(({ shifts, dims }) => shifts.length === dims.length, 'has a shift for each of dims'),
  flip: z.strictObject({ dims: Dims }),
} as const;
