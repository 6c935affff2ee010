/**
 * Average pooling (all its modes), adaptive average pooling and bilinear resizing are linear and separable: a matrix
 * over rows and a matrix over columns. So one operation serves all, is exact on every backend, and has its transpose as
 * gradient. NHWC.
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
 * Bilinear resizing with half-pixel centres: PyTorch's `F.interpolate(mode='bilinear', align_corners=False)`.
 * [N,h,w,C] → [N,...size,C].
 */
export function resizeBilinear(x: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const [, h, w] = x.shape;
  return applyAxisMaps(x, bilinearMap(size[0], h), bilinearMap(size[1], w));
}

export function bilinearMap(to: number, from: number): AxisMap {
  return axisMap(to, from, (set, row) => {
    const centre = Math.max(0, ((row + 0.5) * from) / to - 0.5);
    const low = Math.floor(centre);
    const high = Math.min(low + 1, from - 1);
    const fraction = centre - low;
    set(low, 1 - fraction);
    set(high, fraction);
  });
}

/**
 * Bicubic resizing with half-pixel centres and a = −0.75: PyTorch's `F.interpolate(mode='bicubic',
 * align_corners=False)`, OpenCV's INTER_CUBIC. [N,h,w,C] → [N,...size,C].
 */
export function resizeBicubic(x: tf.Tensor4D, size: readonly [number, number]): tf.Tensor4D {
  const [, h, w] = x.shape;
  return applyAxisMaps(x, bicubicMap(size[0], h), bicubicMap(size[1], w));
}

function bicubicMap(to: number, from: number): AxisMap {
  return axisMap(to, from, (set, row) => {
    const centre = ((row + 0.5) * from) / to - 0.5;
    const first = Math.floor(centre) - 1;
    for (let source = first; source < first + 4; source++)
      set(Math.min(Math.max(source, 0), from - 1), cubic(Math.abs(centre - source)));
  });
}

/** Keys' kernel (1981, equation 15) with a = −0.75, at distance 0 ≤ t < 2. */
function cubic(t: number): number {
  const a = -0.75;
  return t <= 1 ? (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1 : a * (t ** 3 - 5 * t ** 2 + 8 * t - 4);
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

/** One axis of adaptive average pooling: window i is ⌊i·from/to⌋ … ⌈(i+1)·from/to⌉. */
export function adaptivePoolMap(from: number, to: number): AxisMap {
  return axisMap(to, from, (set, row) => {
    const begin = Math.floor((row * from) / to);
    const end = Math.ceil(((row + 1) * from) / to);
    for (let i = begin; i < end; i++) set(i, 1 / (end - begin));
  });
}
