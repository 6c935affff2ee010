import { Inplace } from '../attributes.js';

/** One value in, one value out; attributes in PyTorch's names. */
export const activations = {
  relu: Inplace,
  relu6: Inplace,
  dropout: Inplace,
} as const;
