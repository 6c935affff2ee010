/** Functions called between modules: PyTorch's name → attributes, in camelCase. */
import type { z } from 'zod';
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { movement } from './movement.js';
import { normalisation } from './normalisation.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';

export const opAttributes = {
  ...activations,
  ...arithmetic,
  ...reductions,
  ...normalisation,
  ...movement,
  ...products,
  ...windows,
} as const;
export type OpName = keyof typeof opAttributes;
export type OpAttributes<T extends OpName> = z.infer<(typeof opAttributes)[T]>;
