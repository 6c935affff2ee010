import type { OpName } from '@touchstone/contract';
import type { Variable } from '../../autograd/variable.js';
import * as F from '../../functional/functional.js';
import type { Rule } from '../shape-rules.js';
import type { OpRow, OpRows } from './row.js';

interface Reduction {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

const reduced: Rule<Reduction> = ([x], { dims, keepdim }) => {
  if (dims.some((dim) => dim >= x!.length)) return null;
  const isReduced = (dim: number): boolean => dims.length === 0 || dims.includes(dim);
  return keepdim ? x!.map((size, dim) => (isReduced(dim) ? 1 : size)) : x!.filter((_, dim) => !isReduced(dim));
};

const over = (compute: (x: Variable, dims: readonly number[], keepdim: boolean) => Variable): OpRow<Reduction> => ({
  shape: reduced,
  run: ([x], { dims, keepdim }) => compute(x!, dims, keepdim),
});

/** Over dimensions that go, or stay with size 1. */
export const reductions = {
  mean: over(F.mean),
  sum: over(F.sum),
  amax: over(F.amax),
  norm: over(F.norm),
  max: {
    shape: (inputs, { dim, keepdim }) => reduced(inputs, { dims: [dim], keepdim }),
    run: ([x], { dim, keepdim }) => F.max(x!, dim, keepdim),
  },
} satisfies Partial<OpRows<OpName>>;
