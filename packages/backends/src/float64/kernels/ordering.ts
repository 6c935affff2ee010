import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { combine } from './binary.js';
import { maximum, reduce, sum } from './reduction.js';
import { mapElements } from './unary.js';

/** Over the last dimension, the only one that TF.js's op uses. */
function softmax(logits: Dense): Dense {
  const over = (x: Dense, fold: typeof sum): Dense => reduce(x, x.shape.length - 1, true, fold, 'float32');
  const shifted = combine(logits, over(logits, maximum), (a, b) => a - b, 'float32');
  const powers = mapElements(shifted, Math.exp);
  return combine(powers, over(powers, sum), (a, b) => a / b);
}

function cumulativeSum({ shape, dtype, data }: Dense, axis: number, exclusive: boolean, reverse: boolean): Dense {
  const length = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  const step = reverse ? -inner : inner;
  const result = new Float64Array(data.length);
  for (let block = 0; block < data.length; block += length * inner) {
    for (let column = 0; column < inner; column++) {
      let total = 0;
      let at = block + column + (reverse ? (length - 1) * inner : 0);
      for (let i = 0; i < length; i++, at += step) {
        if (exclusive) result[at] = total;
        total += data[at]!;
        if (!exclusive) result[at] = total;
      }
    }
  }
  return { shape, dtype, data: result };
}

/** Largest first; of equal values the one with the lower index. Values and indices along the last dimension. */
function largest(x: Dense, k: number): [Dense, Dense] {
  const length = x.shape.at(-1)!;
  const shape = [...x.shape.slice(0, -1), k];
  const values = new Float64Array(sizeOf(shape));
  const indices = new Float64Array(sizeOf(shape));
  for (let row = 0; row * k < values.length; row++) {
    const data = x.data.subarray(row * length, (row + 1) * length);
    const order = Array.from(data.keys()).sort((i, j) => data[j]! - data[i]! || i - j);
    for (let rank = 0; rank < k; rank++) {
      indices[row * k + rank] = order[rank]!;
      values[row * k + rank] = data[order[rank]!]!;
    }
  }
  return [
    { shape, dtype: x.dtype, data: values },
    { shape, dtype: 'int32', data: indices },
  ];
}

export const ordering: Kernels = {
  Softmax: kernel<tf.SoftmaxInputs>(({ logits }) => softmax(logits)),
  Cumsum: kernel<tf.CumsumInputs, tf.CumsumAttrs>(({ x }, { axis, exclusive, reverse }) =>
    cumulativeSum(x, axis, exclusive, reverse),
  ),
  TopK: kernel<tf.TopKInputs, tf.TopKAttrs>(({ x }, { k }) => largest(x, k)),
};
