/**
 * A 3×3 convolution with stride 1 by F(2×2, 3×3): four sums for sixteen products instead of thirty-six. Winograd 1980;
 * Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2016, section 4.1. NHWC, kernels HWIO.
 *
 * For gradients only: in the forward pass its rounding would break ties, see docs/adr/0007-winograd.md.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { padSpace, type Size2 } from './windows.js';

/** Whether the current backend declares it faster than the direct convolution. */
export function winogradPays(inChannels: number, outChannels: number): boolean {
  const { winogradMinChannels = Infinity } = tf.backend() as BackendTraits;
  return Math.min(inChannels, outChannels) >= winogradMinChannels;
}

/** [3,3,in,out] → G·g·Gᵀ, sixteen matrices [in,out] in row-major order. */
export function winogradKernel(kernel: tf.Tensor4D): tf.Tensor2D[] {
  return tf.tidy(() =>
    transformKernel(tf.unstack(kernel)).flatMap((row) => transformKernel(tf.unstack(row))),
  ) as tf.Tensor2D[];
}

/** G: (1,0,0), (½,½,½), (½,−½,½), (0,0,1) */
function transformKernel([a, b, c]: readonly tf.Tensor[]): tf.Tensor[] {
  const ends = tf.add(a!, c!);
  return [a!, tf.mul(tf.add(ends, b!), 0.5), tf.mul(tf.sub(ends, b!), 0.5), c!];
}

/** Bᵀ: (1,0,−1,0), (0,1,1,0), (0,−1,1,0), (0,1,0,−1) */
function transformInput([a, b, c, d]: readonly tf.Tensor[]): tf.Tensor[] {
  return [tf.sub(a!, c!), tf.add(b!, c!), tf.sub(c!, b!), tf.sub(b!, d!)];
}

/** Aᵀ: (1,1,1,0), (0,1,−1,−1) */
function transformOutput([a, b, c, d]: readonly tf.Tensor[]): tf.Tensor[] {
  return [tf.add(tf.add(a!, b!), c!), tf.sub(tf.sub(b!, c!), d!)];
}

/** x [N,H,W,in], with zeros added before and after its rows and columns (negative: cropped) → [N,H',W',out]. */
export function winogradConvolve(
  x: tf.Tensor4D,
  kernel: readonly tf.Tensor2D[],
  [[top, bottom], [left, right]]: readonly [Size2, Size2],
): tf.Tensor4D {
  const [n, h, w, channels] = x.shape;
  const [rows, columns] = [h + top + bottom - 2, w + left + right - 2];
  const [down, across] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  const padded = padSpace(x, [top, bottom + 2 * down - rows], [left, right + 2 * across - columns]);
  // Columns are split once, so that the slices below are long contiguous runs.
  const ofColumns = tf.split(tf.reshape(padded, [n * (2 * down + 2), across + 1, 2, channels]), 2, 2).map((half) => {
    const pairs = tf.reshape<tf.Rank.R4>(half, [n, down + 1, 2, (across + 1) * channels]);
    const row = (offset: number) =>
      tf.reshape<tf.Rank.R2>(tf.slice(pairs, [0, offset >> 1, offset & 1, 0], [n, down, 1, -1]), [
        n * down,
        (across + 1) * channels,
      ]);
    return transformInput([0, 1, 2, 3].map(row)) as tf.Tensor2D[];
  });
  const values = [0, 1, 2, 3].flatMap((row) => {
    const column = (offset: number) =>
      tf.slice(ofColumns[offset & 1]![row]!, [0, (offset >> 1) * channels], [-1, across * channels]);
    return transformInput([0, 1, 2, 3].map(column)).map((value) =>
      tf.reshape<tf.Rank.R2>(value, [n * down * across, channels]),
    );
  });
  const products = values.map((value, i) => tf.matMul(value, kernel[i]!));
  const [, out] = kernel[0]!.shape;
  const sums = transformOutput(
    [0, 4, 8, 12]
      .map((row) => products.slice(row, row + 4))
      .map(transformOutput)
      .map((pair) => tf.reshape(tf.stack(pair, 1), [n * down, 1, 2 * across * out])),
  );
  const whole = tf.reshape<tf.Rank.R4>(tf.concat(sums, 1), [n, 2 * down, 2 * across, out]);
  return padSpace(whole, [0, rows - 2 * down], [0, columns - 2 * across]);
}
