import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf, stridesOf } from '../dense.js';
import { kernel, type Kernel, type Kernels } from '../kernel.js';
import { readStrided } from '../rows.js';

type Axis = number | number[];
/** Folds `data[start]` … `data[end-1]`, in this order. */
type Fold = (data: Float64Array, start: number, end: number) => number;

/** Folds over `axis` (all, when undefined). */
export function reduce(x: Dense, axis: Axis | undefined, keepDims: boolean, fold: Fold, dtype: tf.DataType): Dense {
  const axes = tf.util.parseAxisParam(axis as Axis, x.shape);
  const kept = x.shape.map((_, each) => each).filter((each) => !axes.includes(each));
  const order = [...kept, ...axes];
  const strides = stridesOf(x.shape);
  const data = readStrided(
    x.data,
    order.map((each) => x.shape[each]!),
    order.map((each) => strides[each]!),
  );
  const length = sizeOf(axes.map((each) => x.shape[each]!));
  const shape = kept.map((each) => x.shape[each]!);
  const result = new Float64Array(sizeOf(shape));
  for (let i = 0; i < result.length; i++) result[i] = fold(data, i * length, (i + 1) * length);
  return { shape: keepDims ? tf.backend_util.expandShapeToKeepDim(shape, axes) : shape, dtype, data: result };
}

const from =
  (initial: number, combine: (folded: number, value: number) => number): Fold =>
  (data, start, end) => {
    let folded = initial;
    for (let i = start; i < end; i++) folded = combine(folded, data[i]!);
    return folded;
  };

export const sum: Fold = (data, start, end) => {
  let total = 0;
  for (let i = start; i < end; i++) total += data[i]!;
  return total;
};
const mean: Fold = (data, start, end) => sum(data, start, end) / (end - start);
export const maximum = from(-Infinity, Math.max);
const minimum = from(Infinity, Math.min);

/** The first position, counted from `start`, whose value beats all before it. */
const first =
  (better: (value: number, best: number) => boolean): Fold =>
  (data, start, end) => {
    let best = start;
    for (let i = start + 1; i < end; i++) if (better(data[i]!, data[best]!)) best = i;
    return best - start;
  };

const over = (fold: Fold, resultType?: tf.DataType): Kernel =>
  kernel<tf.SumInputs, { axis?: Axis; reductionIndices?: Axis; keepDims?: boolean }>(
    ({ x }, { axis, reductionIndices, keepDims }) =>
      // Max alone calls its axes reductionIndices.
      reduce(x, axis ?? reductionIndices, keepDims ?? false, fold, resultType ?? x.dtype),
  );

export const reduction: Kernels = {
  Sum: over(sum),
  Mean: over(mean, 'float32'),
  Prod: over(from(1, (product, value) => product * value)),
  Max: over(maximum),
  Min: over(minimum),
  All: over(
    from(1, (all, value) => Number(all !== 0 && value !== 0)),
    'bool',
  ),
  Any: over(
    from(0, (any, value) => Number(any !== 0 || value !== 0)),
    'bool',
  ),
  ArgMax: over(
    first((value, best) => value > best),
    'int32',
  ),
  ArgMin: over(
    first((value, best) => value < best),
    'int32',
  ),
};
