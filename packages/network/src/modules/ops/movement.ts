import type { OpName } from '@touchstone/contract';
import * as F from '../../functional/functional.js';
import { flatten } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** The same values in another form. */
export const movement = {
  cat: {
    inputs: [1, Infinity],
    shape: (parts, { dim }) => {
      const axis = dim < 0 ? dim + parts[0]!.length : dim;
      return parts[0]!.map((size, i) => (i === axis ? parts.reduce((sum, part) => sum + part[i]!, 0) : size));
    },
    run: (parts, a) => F.cat(parts, a.dim),
  },
  flatten: { shape: flatten, run: ([x], a) => F.flatten(x!, a.startDim, a.endDim) },
} satisfies Partial<OpRows<OpName>>;
