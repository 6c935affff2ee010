import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';

/** As `tf.range`: empty where the step leads away from `stop`, but a step of 1 counts down where `stop` is smaller. */
function range(start: number, stop: number, step: number): Float64Array {
  const stride = stop < start && step === 1 ? -1 : step;
  const count = Math.max(0, Math.ceil((stop - start) / stride));
  return Float64Array.from({ length: count }, (_, i) => start + i * stride);
}

export const create: Kernels = {
  Fill: kernel<object, tf.FillAttrs>((_, { shape, value, dtype }) => ({
    shape,
    dtype: dtype ?? 'float32',
    data: new Float64Array(sizeOf(shape)).fill(Number(value)),
  })),
  ZerosLike: kernel<tf.ZerosLikeInputs>(({ x }) => ({ ...x, data: new Float64Array(x.data.length) })),
  OnesLike: kernel<tf.OnesLikeInputs>(({ x }) => ({ ...x, data: new Float64Array(x.data.length).fill(1) })),
  Range: kernel<object, tf.RangeAttrs>((_, { start, stop, step, dtype }) => {
    const data = range(start, stop, step);
    return { shape: [data.length], dtype, data };
  }),
};
