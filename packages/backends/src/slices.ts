/**
 * Slice, SplitV and Unpack of TF.js copy all of x out of the memory of wasm for each slice, and on cpu compute an index
 * for each value, which takes longer than the sums between them. These copy runs of values. The same values.
 */
import * as tf from '@tensorflow/tfjs-core';

type Values = Float32Array | Int32Array | Uint8Array;

/** What TF.js's kernels use of the backend `wasm`. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view, until the memory grows. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Values;
}

/** What TF.js's kernels use of the backend `cpu`. */
interface CpuBackend {
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Values): tf.TensorInfo;
  readonly data: { get(dataId: tf.DataId): { readonly values: Values } };
}

/** The memory of a backend. `valuesOf` is a view, until `make` is called again. */
interface Memory {
  make(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  valuesOf(tensor: tf.TensorInfo): Values;
  /** Values `from` on without a copy, where the backend can. */
  view?(x: tf.TensorInfo, from: number, shape: number[]): tf.TensorInfo;
}

const memories = {
  wasm: (backend: WasmBackend): Memory => ({
    make: (shape, dtype) => backend.makeOutput(shape, dtype),
    valuesOf: (tensor) => backend.typedArrayFromHeap(tensor),
  }),
  cpu: (backend: CpuBackend): Memory => {
    const valuesOf = (tensor: tf.TensorInfo) => backend.data.get(tensor.dataId).values;
    return {
      make: (shape, dtype) =>
        backend.makeTensorInfo(
          shape,
          dtype,
          tf.util.getTypedArrayFromDType(dtype as tf.NumericDataType, tf.util.sizeFromShape(shape)),
        ),
      valuesOf,
      view: (x, from, shape) =>
        backend.makeTensorInfo(shape, x.dtype, valuesOf(x).subarray(from, from + tf.util.sizeFromShape(shape))),
    };
  },
};

/** Below this, a loop is faster than a call that copies so many values. */
const minRun = 24;

function slice(x: tf.TensorInfo, begin: readonly number[], size: number[], memory: Memory): tf.TensorInfo {
  const strides = [...tf.util.computeStrides(x.shape), 1];
  let source = begin.reduce((sum, start, i) => sum + start * strides[i]!, 0);
  if (memory.view && tf.slice_util.isSliceContinous(x.shape, [...begin], size)) return memory.view(x, source, size);
  const out = memory.make(size, x.dtype);
  const rank = size.length;
  // The dimensions from `inner` on are whole, so that runs of the one before them are contiguous.
  let inner = rank;
  while (inner > 0 && size[inner - 1] === x.shape[inner - 1]) inner--;
  inner = Math.max(0, inner - 1);
  const run = tf.util.sizeFromShape(size.slice(inner));
  const [from, to] = [memory.valuesOf(x), memory.valuesOf(out)];
  const at = begin.slice(0, inner).fill(0);
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
function pieces(x: tf.TensorInfo, axis: number, sizes: readonly number[], memory: Memory): tf.TensorInfo[] {
  const begin = x.shape.map(() => 0);
  return sizes.map((length) => {
    const piece = slice(x, begin, x.shape.with(axis, length), memory);
    begin[axis]! += length;
    return piece;
  });
}

type Kernel = (x: tf.TensorInfo, attributes: never, memory: Memory) => tf.TensorInfo | tf.TensorInfo[];

const kernels: Readonly<Record<string, Kernel>> = {
  Slice: (x, attributes: tf.SliceAttrs, memory) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attributes.begin, attributes.size);
    return slice(x, begin!, size!, memory);
  },
  SplitV: (x, attributes: tf.SplitVAttrs, memory) => {
    const axis = tf.util.parseAxisParam(attributes.axis, x.shape)[0]!;
    const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, attributes.numOrSizeSplits, axis);
    return pieces(x, axis, sizes, memory);
  },
  Unpack: (x, attributes: tf.UnpackAttrs, memory) => {
    const axis = tf.util.parseAxisParam(attributes.axis, x.shape)[0]!;
    const ones = Array.from({ length: x.shape[axis]! }, () => 1);
    const shape = x.shape.toSpliced(axis, 1);
    return pieces(x, axis, ones, memory).map(({ dataId, dtype }) => ({ dataId, dtype, shape }));
  },
};

const registered = new Set<string>();

/** In place of TF.js's own, which still slice text and complex numbers. The backend's library must be loaded. */
export function registerSlices(backendName: keyof typeof memories): void {
  if (registered.has(backendName)) return;
  registered.add(backendName);
  const memoryOf = memories[backendName] as (backend: unknown) => Memory;
  for (const [kernelName, run] of Object.entries(kernels)) {
    const stock = tf.getKernel(kernelName, backendName).kernelFunc;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: (call) => {
        const x = Object.values(call.inputs)[0] as tf.TensorInfo;
        if (x.dtype === 'string' || x.dtype === 'complex64') return stock(call);
        return run(x, call.attrs as never, memoryOf(call.backend));
      },
    });
  }
}
