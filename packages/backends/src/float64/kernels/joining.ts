import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf, stridesOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { writeStrided } from '../rows.js';

function concatenate(pieces: readonly Dense[], axis: number): Dense {
  const shapes = pieces.map((piece) => piece.shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  const shape = tf.backend_util.computeOutShape(shapes, axis);
  const strides = stridesOf(shape);
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  for (const piece of pieces) {
    writeStrided(piece, data, strides, at * strides[axis]!);
    at += piece.shape[axis]!;
  }
  return { shape, dtype: pieces[0]!.dtype, data };
}

export const joining: Kernels = {
  Concat: kernel<tf.TensorInfo[], tf.ConcatAttrs>((pieces, { axis }) =>
    concatenate(pieces, tf.util.parseAxisParam(axis, pieces[0]!.shape)[0]!),
  ),
  Pack: kernel<tf.TensorInfo[], tf.PackAttrs>((pieces, { axis }) => {
    const along = axis < 0 ? pieces[0]!.shape.length + axis + 1 : axis;
    return concatenate(
      pieces.map((piece) => ({ ...piece, shape: piece.shape.toSpliced(along, 0, 1) })),
      along,
    );
  }),
};
