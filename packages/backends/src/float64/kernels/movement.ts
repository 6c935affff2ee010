import * as tf from '@tensorflow/tfjs-core';
import { type Dense, sizeOf, stridesOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { readStrided } from '../rows.js';

/** `size` elements per dimension from `begin` on, `steps` apart. */
function cut(
  { shape, dtype, data }: Dense,
  begin: readonly number[],
  size: number[],
  steps = size.map(() => 1),
): Dense {
  const strides = stridesOf(shape);
  const start = begin.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
  return {
    shape: size,
    dtype,
    data: readStrided(
      data,
      size,
      strides.map((stride, axis) => stride * steps[axis]!),
      start,
    ),
  };
}

/** Pieces of the given sizes along `axis`. */
function split(x: Dense, sizes: readonly number[], axis: number): Dense[] {
  let at = 0;
  return sizes.map((piece) => {
    const begin = x.shape.map((_, each) => (each === axis ? at : 0));
    at += piece;
    return cut(
      x,
      begin,
      x.shape.map((dimension, each) => (each === axis ? piece : dimension)),
    );
  });
}

function reshape(x: Dense, shape: number[]): Dense {
  const inferred = tf.util.inferFromImplicitShape(shape, x.data.length);
  tf.util.assert(
    sizeOf(inferred) === x.data.length,
    () => `cannot reshape [${x.shape.join(', ')}] to [${shape.join(', ')}]`,
  );
  return { ...x, shape: inferred };
}

function reverse(x: Dense, dims: number | number[]): Dense {
  const axes = tf.util.parseAxisParam(dims, x.shape);
  const last = x.shape.map((dimension, axis) => (axes.includes(axis) ? dimension - 1 : 0));
  return cut(
    x,
    last,
    x.shape,
    x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1)),
  );
}

function transpose({ shape, dtype, data }: Dense, perm: readonly number[]): Dense {
  const strides = stridesOf(shape);
  const target = perm.map((axis) => shape[axis]!);
  return {
    shape: target,
    dtype,
    data: readStrided(
      data,
      target,
      perm.map((axis) => strides[axis]!),
    ),
  };
}

function tile({ shape, dtype, data }: Dense, reps: readonly number[]): Dense {
  const strides = stridesOf(shape);
  const interleaved = readStrided(
    data,
    shape.flatMap((dimension, axis) => [reps[axis]!, dimension]),
    strides.flatMap((stride) => [0, stride]),
  );
  return { shape: shape.map((dimension, axis) => dimension * reps[axis]!), dtype, data: interleaved };
}

export const movement: Kernels = {
  Identity: kernel<tf.IdentityInputs>(({ x }) => x),
  Reshape: kernel<tf.ReshapeInputs, tf.ReshapeAttrs>(({ x }, { shape }) => reshape(x, shape)),
  ExpandDims: kernel<tf.ExpandDimsInputs, tf.ExpandDimsAttrs>(({ input }, { dim }) => {
    const at = dim < 0 ? input.shape.length + dim + 1 : dim;
    return { ...input, shape: input.shape.toSpliced(at, 0, 1) };
  }),
  Transpose: kernel<tf.TransposeInputs, tf.TransposeAttrs>(({ x }, { perm }) => transpose(x, perm)),
  Reverse: kernel<tf.ReverseInputs, tf.ReverseAttrs>(({ x }, { dims }) => reverse(x, dims)),
  Tile: kernel<tf.TileInputs, tf.TileAttrs>(({ x }, { reps }) => tile(x, reps)),
  Slice: kernel<tf.SliceInputs, tf.SliceAttrs>(({ x }, { begin, size }) => {
    const info = { shape: x.shape } as tf.TensorInfo;
    const [from, extent] = tf.slice_util.parseSliceParams(info, begin, size) as [number[], number[]];
    tf.slice_util.assertParamsValid(info, from, extent);
    return cut(x, from, extent);
  }),
  StridedSlice: kernel<tf.StridedSliceInputs, tf.StridedSliceAttrs>(({ x }, attributes) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const info = tf.slice_util.sliceInfo(
      x.shape,
      begin,
      end,
      strides,
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    const size = info.strides.map((step, i) => Math.max(0, Math.ceil((info.end[i]! - info.begin[i]!) / step)));
    return reshape(cut(x, info.begin, size, info.strides), info.finalShape);
  }),
  SplitV: kernel<tf.SplitVInputs, tf.SplitVAttrs>(({ x }, { numOrSizeSplits, axis }) => {
    const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize({ shape: x.shape } as tf.Tensor, numOrSizeSplits, along);
    return split(x, sizes, along);
  }),
  Unpack: kernel<tf.UnpackInputs, tf.UnpackAttrs>(({ value }, { axis }) => {
    const along = tf.util.parseAxisParam(axis, value.shape)[0]!;
    const singles = Array.from({ length: value.shape[along]! }, () => 1);
    const shape = value.shape.toSpliced(along, 1);
    return split(value, singles, along).map(({ dtype, data }) => ({ shape, dtype, data }));
  }),
};
