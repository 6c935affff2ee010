import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf, stridesOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { writeStrided } from '../rows.js';
import { takeAlong } from './indexing.js';

type Paddings = readonly (readonly [before: number, after: number])[];

function padConstant(x: Dense, paddings: Paddings, constant: number): Dense {
  const shape = x.shape.map((dimension, axis) => paddings[axis]![0] + dimension + paddings[axis]![1]);
  const strides = stridesOf(shape);
  const data = new Float64Array(sizeOf(shape)).fill(constant);
  writeStrided(
    x,
    data,
    strides,
    paddings.reduce((start, [before], axis) => start + before * strides[axis]!, 0),
  );
  return { shape, dtype: x.dtype, data };
}

/** `reflect` leaves the edge out of the mirror image, `symmetric` repeats it. */
function padMirror(x: Dense, paddings: Paddings, mode: 'reflect' | 'symmetric'): Dense {
  const edge = mode === 'reflect' ? 0 : 1;
  return paddings.reduce((padded, [before, after], axis) => {
    const length = x.shape[axis]!;
    const sources = Array.from({ length: before + length + after }, (_, i) => {
      const at = i - before;
      if (at < 0) return -at - edge;
      return at < length ? at : 2 * (length - 1) - at + edge;
    });
    return takeAlong(padded, axis, sources);
  }, x);
}

export const padding: Kernels = {
  PadV2: kernel<tf.PadV2Inputs, tf.PadV2Attrs>(({ x }, { paddings, constantValue }) =>
    padConstant(x, paddings, constantValue),
  ),
  MirrorPad: kernel<tf.MirrorPadInputs, tf.MirrorPadAttrs>(({ x }, { paddings, mode }) => padMirror(x, paddings, mode)),
};
