import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf } from '../dense.js';
import { kernel, type Kernel, type Kernels } from '../kernel.js';
import { broadcastStrides, forEachRow } from '../rows.js';

export function combine(
  a: Dense,
  b: Dense,
  compute: (a: number, b: number) => number,
  dtype = tf.upcastType(a.dtype, b.dtype),
): Dense {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const data = new Float64Array(sizeOf(shape));
  const left = a.data;
  const right = b.data;
  let to = 0;
  forEachRow(
    shape,
    [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)],
    (length, positions, steps) => {
      let i = positions[0]!;
      let j = positions[1]!;
      const stepA = steps[0]!;
      const stepB = steps[1]!;
      for (const end = to + length; to < end; to++, i += stepA, j += stepB) data[to] = compute(left[i]!, right[j]!);
    },
  );
  return { shape, dtype, data };
}

const arithmetic = (compute: (a: number, b: number) => number): Kernel =>
  kernel<tf.BinaryInputs>(({ a, b }) => combine(a, b, compute));

const comparison = (compare: (a: number, b: number) => boolean): Kernel =>
  kernel<tf.BinaryInputs>(({ a, b }) => combine(a, b, (left, right) => Number(compare(left, right)), 'bool'));

/** `condition`, `t` and `e` broadcast against each other. */
function select(condition: Dense, t: Dense, e: Dense): Dense {
  const { assertAndGetBroadcastShape } = tf.broadcast_util;
  const shape = assertAndGetBroadcastShape(assertAndGetBroadcastShape(condition.shape, t.shape), e.shape);
  const data = new Float64Array(sizeOf(shape));
  let to = 0;
  forEachRow(
    shape,
    [condition, t, e].map((operand) => broadcastStrides(operand.shape, shape)),
    (length, positions, steps) => {
      let [i, j, k] = positions as [number, number, number];
      const [stepI, stepJ, stepK] = steps as [number, number, number];
      for (const end = to + length; to < end; to++, i += stepI, j += stepJ, k += stepK) {
        data[to] = condition.data[i] ? t.data[j]! : e.data[k]!;
      }
    },
  );
  return { shape, dtype: tf.upcastType(t.dtype, e.dtype), data };
}

export const binary: Kernels = {
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Multiply: arithmetic((a, b) => a * b),
  RealDiv: arithmetic((a, b) => a / b),
  Maximum: arithmetic(Math.max),
  Minimum: arithmetic(Math.min),
  Pow: arithmetic(Math.pow),
  SquaredDifference: arithmetic((a, b) => (a - b) * (a - b)),
  Equal: comparison((a, b) => a === b),
  NotEqual: comparison((a, b) => a !== b),
  Greater: comparison((a, b) => a > b),
  GreaterEqual: comparison((a, b) => a >= b),
  Less: comparison((a, b) => a < b),
  LessEqual: comparison((a, b) => a <= b),
  LogicalAnd: comparison((a, b) => a !== 0 && b !== 0),
  LogicalOr: comparison((a, b) => a !== 0 || b !== 0),
  AddN: kernel<tf.TensorInfo[]>((terms) => terms.reduce((sum, term) => combine(sum, term, (a, b) => a + b))),
  Select: kernel<tf.SelectInputs>(({ condition, t, e }) => select(condition, t, e)),
};
