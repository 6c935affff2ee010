import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { type Dense, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';

/** The slices of `x` at `indices` (positions, in any order, also repeated) along `axis`. */
export function takeAlong({ shape, dtype, data }: Dense, axis: number, indices: ArrayLike<number>): Dense {
  const length = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  const target = shape.with(axis, indices.length);
  const result = new Float64Array(sizeOf(target));
  let to = 0;
  for (let block = 0; block < data.length; block += length * inner) {
    for (let i = 0; i < indices.length; i++) {
      const from = block + indices[i]! * inner;
      for (let j = from; j < from + inner; j++) result[to++] = data[j]!;
    }
  }
  return { shape: target, dtype, data: result };
}

/** The first `batchDims` dimensions of `x` and `indices` are batch dimensions. */
function gather(x: Dense, indices: Dense, axis: number, batchDims: number): Dense {
  const wrong = indices.data.find((index) => !(index >= 0 && index < x.shape[axis]!));
  if (wrong !== undefined)
    throw new TouchstoneError('internal', `gather: index ${wrong} is outside [0, ${x.shape[axis]! - 1}]`);
  const info = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    { shape: x.shape } as tf.TensorInfo,
    { shape: indices.shape } as tf.TensorInfo,
    axis,
    batchDims,
  );
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } = info;
  const perBatch = indices.data.length / batchSize;
  const data = new Float64Array(sizeOf(outputShape));
  for (let batch = 0; batch < batchSize; batch++) {
    const size = outerSize * dimSize * sliceSize;
    const part: Dense = {
      shape: [outerSize, dimSize, sliceSize],
      dtype: x.dtype,
      data: x.data.subarray(batch * size, (batch + 1) * size),
    };
    data.set(
      takeAlong(part, 1, indices.data.subarray(batch * perBatch, (batch + 1) * perBatch)).data,
      batch * outerSize * perBatch * sliceSize,
    );
  }
  return { shape: outputShape, dtype: x.dtype, data };
}

function oneHot({ shape, data }: Dense, { depth, onValue, offValue, dtype }: tf.OneHotAttrs): Dense {
  const result = new Float64Array(data.length * depth).fill(offValue);
  data.forEach((index, i) => {
    if (index >= 0 && index < depth) result[i * depth + index] = onValue;
  });
  return { shape: [...shape, depth], dtype, data: result };
}

export const indexing: Kernels = {
  GatherV2: kernel<tf.GatherV2Inputs, tf.GatherV2Attrs>(({ x, indices }, { axis, batchDims }) =>
    gather(x, indices, tf.util.parseAxisParam(axis, x.shape)[0]!, batchDims ?? 0),
  ),
  OneHot: kernel<tf.OneHotInputs, tf.OneHotAttrs>(({ indices }, attributes) => oneHot(indices, attributes)),
};
