import { z } from 'zod';
import { Nothing } from '../attributes.js';

/** Products of matrices in the last two dimensions. */
export const products = {
  matmul: Nothing,
  linear: Nothing,
  scaled_dot_product_attention: z.strictObject({ scale: z.number(), isCausal: z.boolean() }),
} as const;
