import { z } from 'zod';
import { Flatten } from '../attributes.js';

/** The same values in another form. `dim` counts PyTorch's dimensions: NCHW of a map. */
export const movement = {
  cat: z.strictObject({ dim: z.number().int() }),
  flatten: Flatten,
} as const;
