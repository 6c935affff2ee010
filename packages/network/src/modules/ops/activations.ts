import type { OpAttributes, OpName } from '@touchstone/contract';
import * as F from '../../functional/functional.js';
import { alongDim, same, type Rule } from '../shape-rules.js';
import type { OpRow, OpRows } from './row.js';

type PointwiseName = keyof typeof F.formulas & OpName;

const pointwise: unknown = Object.fromEntries(
  Object.entries(F.formulas).map(([name, formula]) => [
    name,
    { shape: same, run: ([x], a) => F.pointwise(name, formula as never, x!, a) } satisfies OpRow<unknown>,
  ]),
);

/** A weight for each channel, or one for all. */
const prelu: Rule<unknown> = ([x, weight]) => {
  const [count, more] = weight!;
  return more === undefined && (count === 1 || count === x![1]) ? x! : null;
};

/** One value in, one value of the same shape out. */
export const activations = {
  relu: { shape: same, run: ([x], a, rules) => F.relu(x!, rules, a) },
  relu6: { shape: same, run: ([x], a, rules) => F.relu(x!, rules, { ceiling: 6, ...a }) },
  dropout: { shape: same, run: ([x]) => x! },
  ...(pointwise as { readonly [T in PointwiseName]: OpRow<OpAttributes<T>> }),
  softmax: { shape: alongDim, run: ([x], a) => F.softmax(x!, a.dim) },
  log_softmax: { shape: alongDim, run: ([x], a) => F.logSoftmax(x!, a.dim) },
  prelu: { inputs: [2, 2], shape: prelu, run: ([x, weight]) => F.prelu(x!, weight!) },
} satisfies Partial<OpRows<OpName>>;
