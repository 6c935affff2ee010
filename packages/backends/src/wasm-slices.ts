/**
 * Slice, SplitV and Unpack of TF.js's wasm backend copy all of x out of its memory for each slice; these copy the slice
 * alone, inside that memory. The same values.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What TF.js's kernels use of their backend. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view, until the memory grows. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/** Below this, a loop is faster than a call that copies so many values. */
const minRun = 24;

function slice(x: tf.TensorInfo, begin: readonly number[], size: number[], backend: WasmBackend): tf.TensorInfo {
  const out = backend.makeOutput(size, x.dtype);
  const rank = size.length;
  // The dimensions from `inner` on are whole, so that runs of the one before them are contiguous.
  let inner = rank;
  while (inner > 0 && size[inner - 1] === x.shape[inner - 1]) inner--;
  inner = Math.max(0, inner - 1);
  const run = tf.util.sizeFromShape(size.slice(inner));
  const strides = [...tf.util.computeStrides(x.shape), 1];
  const [from, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(out)];
  const at = begin.slice(0, inner).fill(0);
  let source = begin.reduce((sum, start, i) => sum + start * strides[i]!, 0);
  for (let target = 0; target < to.length; target += run) {
    if (run >= minRun) to.set(from.subarray(source, source + run), target);
    else for (let i = 0; i < run; i++) to[target + i] = from[source + i]!;
    for (let axis = inner - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++at[axis]! < size[axis]!) break;
      source -= at[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** Of `sizes` along `axis`, one after another. */
function pieces(x: tf.TensorInfo, axis: number, sizes: readonly number[], backend: WasmBackend): tf.TensorInfo[] {
  const begin = x.shape.map(() => 0);
  return sizes.map((length) => {
    const piece = slice(x, begin, x.shape.with(axis, length), backend);
    begin[axis]! += length;
    return piece;
  });
}

interface Arguments<Input extends string, Attributes> {
  readonly inputs: Readonly<Record<Input, tf.TensorInfo>>;
  readonly attrs: Attributes;
  readonly backend: WasmBackend;
}

const kernels = {
  Slice: ({ inputs: { x }, attrs, backend }: Arguments<'x', tf.SliceAttrs>) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
    return slice(x, begin!, size!, backend);
  },
  SplitV: ({ inputs: { x }, attrs, backend }: Arguments<'x', tf.SplitVAttrs>) => {
    const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs.numOrSizeSplits, axis);
    return pieces(x, axis, sizes, backend);
  },
  Unpack: ({ inputs: { value }, attrs, backend }: Arguments<'value', tf.UnpackAttrs>) => {
    const axis = tf.util.parseAxisParam(attrs.axis, value.shape)[0]!;
    const ones = Array.from({ length: value.shape[axis]! }, () => 1);
    const shape = value.shape.toSpliced(axis, 1);
    return pieces(value, axis, ones, backend).map(({ dataId, dtype }) => ({ dataId, dtype, shape }));
  },
};

/** In place of TF.js's own, on the backend `wasm`. */
export function registerSlices(): void {
  for (const [kernelName, run] of Object.entries(kernels)) {
    tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: run as unknown as tf.KernelFunc });
  }
}
