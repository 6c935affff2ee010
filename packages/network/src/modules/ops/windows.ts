import type { OpName } from '@touchstone/contract';
import * as F from '../../functional/functional.js';
import { adaptivePool, pool } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** Functions of the neighbourhood of a pixel. */
export const windows = {
  max_pool2d: { shape: pool, run: ([x], a, rules) => F.maxPool2d(x!, a, rules) },
  avg_pool2d: { shape: pool, run: ([x], a) => F.avgPool2d(x!, a) },
  adaptive_avg_pool2d: { shape: adaptivePool, run: ([x], a) => F.adaptiveAvgPool2d(x!, a.outputSize) },
} satisfies Partial<OpRows<OpName>>;
