/** The functions that containers call, by PyTorch's names. */
import type { OpName } from '@touchstone/contract';
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { movement } from './movement.js';
import { normalisation } from './normalisation.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';
import type { OpRow, OpRows } from './row.js';

const rows: OpRows<OpName> = {
  ...activations,
  ...arithmetic,
  ...reductions,
  ...normalisation,
  ...movement,
  ...products,
  ...windows,
};

/** The attributes were checked when the network was parsed. */
export function opRow(name: string): OpRow<unknown> {
  return rows[name as OpName] as OpRow<unknown>;
}
