import type { OpName } from '@touchstone/contract';
import * as F from '../../functional/functional.js';
import { same } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** One value in, one value of the same shape out. */
export const activations = {
  relu: { shape: same, run: ([x], a, rules) => F.relu(x!, rules, a) },
  relu6: { shape: same, run: ([x], a, rules) => F.relu(x!, rules, { ceiling: 6, ...a }) },
  dropout: { shape: same, run: ([x]) => x! },
} satisfies Partial<OpRows<OpName>>;
