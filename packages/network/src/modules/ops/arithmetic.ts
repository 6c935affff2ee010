import type { OpName } from '@touchstone/contract';
import type { Variable } from '../../autograd/variable.js';
import * as F from '../../functional/functional.js';
import { broadcast } from '../shape-rules.js';
import type { OpRow, OpRows } from './row.js';

const ofTwo = (compute: (a: Variable, b: Variable) => Variable): OpRow<unknown> => ({
  inputs: [2, 2],
  shape: broadcast,
  run: ([a, b]) => compute(a!, b!),
});

/** Two values that broadcast. */
export const arithmetic = {
  add: ofTwo(F.add),
  sub: ofTwo(F.sub),
  mul: ofTwo(F.mul),
  div: ofTwo(F.div),
  maximum: ofTwo(F.maximum),
  minimum: ofTwo(F.minimum),
} satisfies Partial<OpRows<OpName>>;
