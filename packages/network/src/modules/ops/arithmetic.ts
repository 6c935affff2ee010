import type { OpName } from '@touchstone/contract';
import * as F from '../../functional/functional.js';
import { broadcast } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** Two values that broadcast. */
export const arithmetic = {
  add: { inputs: [2, 2], shape: broadcast, run: ([a, b]) => F.add(a!, b!) },
} satisfies Partial<OpRows<OpName>>;
