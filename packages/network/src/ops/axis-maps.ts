/**
 * Average pooling (all its modes), adaptive average pooling and resizing (resize-maps.ts) are linear and separable: a
 * matrix over rows and a matrix over columns. So one operation serves all, is exact on every backend, and has its
 * transpose as gradient. NHWC.
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../layout.js';

/** A matrix from an axis of length `columns` to one of length `rows`, row-major. */
export interface AxisMap {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export function axisMap(
  rows: number,
  columns: number,
  weight: (set: (column: number, value: number) => void, row: number) => void,
): AxisMap {
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) weight((column, value) => (data[row * columns + column]! += value), row);
  return { rows, columns, data };
}

/** [N,H,W,C] → [N,H',W',C]; with `transposed` from the latter to the former. */
export function applyAxisMaps(x: tf.Tensor4D, vertical: AxisMap, horizontal: AxisMap, transposed = false): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const across = constant(horizontal.data, [1, horizontal.rows, horizontal.columns]) as tf.Tensor3D;
  const down = constant(vertical.data, [1, vertical.rows, vertical.columns]) as tf.Tensor3D;
  const columns = tf.matMul(across, tf.reshape(x, [n * h, w, c]), transposed);
  const rows = tf.matMul(down, tf.reshape(columns, [n, h, columns.shape[1]! * c]), transposed) as tf.Tensor3D;
  return tf.reshape(rows, [n, rows.shape[1], columns.shape[1]!, c]);
}

/**
 * One axis of average pooling; `divisor` receives the number of elements that the window covers of the padded axis, and
 * of the axis itself.
 */
export function averagePoolMap(
  from: number,
  to: number,
  {
    kernelSize,
    stride,
    padding,
    divisor,
  }: { kernelSize: number; stride: number; padding: number; divisor: (padded: number, inside: number) => number },
): AxisMap {
  return axisMap(to, from, (set, row) => {
    const begin = row * stride - padding;
    const end = Math.min(begin + kernelSize, from + padding);
    const [first, last] = [Math.max(begin, 0), Math.min(end, from)];
    for (let i = first; i < last; i++) set(i, 1 / divisor(end - begin, last - first));
  });
}

/** Window i of `to` windows of adaptive pooling: from ⌊i·from/to⌋ to before ⌈(i+1)·from/to⌉. */
export function adaptiveWindow(i: number, from: number, to: number): [begin: number, end: number] {
  return [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
}

/** One axis of adaptive average pooling. */
export function adaptivePoolMap(from: number, to: number): AxisMap {
  return axisMap(to, from, (set, row) => {
    const [begin, end] = adaptiveWindow(row, from, to);
    for (let i = begin; i < end; i++) set(i, 1 / (end - begin));
  });
}
