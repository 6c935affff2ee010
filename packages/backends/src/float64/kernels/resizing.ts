import * as tf from '@tensorflow/tfjs-core';
import { type Dense, real } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { takeAlong } from './indexing.js';

interface Grid {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Input pixels per output pixel. */
function ratio(from: number, to: number, { alignCorners }: Grid): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

/** The position of each of `to` output pixels between two of `from` input pixels. */
function neighbours(from: number, to: number, grid: Grid): { low: number[]; high: number[]; weight: number[] } {
  const shift = grid.halfPixelCenters ? 0.5 : 0;
  const at = Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.max(0, (i + shift) * ratio(from, to, grid) - shift)),
  );
  return {
    low: at.map(Math.floor),
    high: at.map(Math.ceil),
    weight: at.map((position) => position - Math.floor(position)),
  };
}

/** Interpolates along `axis`: `low + (high − low)·weight`. */
function interpolate(x: Dense, axis: 1 | 2, size: number, grid: Grid): Dense {
  const { low, high, weight } = neighbours(x.shape[axis]!, size, grid);
  const below = takeAlong(x, axis, low);
  const above = takeAlong(x, axis, high);
  const inner = axis === 1 ? x.shape[2]! * x.shape[3]! : x.shape[3]!;
  const data = below.data.map((value, i) => value + (above.data[i]! - value) * weight[Math.floor(i / inner) % size]!);
  return real(below.shape, data);
}

/** TF.js rounds to the nearest input pixel under `alignCorners`, else down. */
function nearest(from: number, to: number, grid: Grid): number[] {
  const shift = grid.halfPixelCenters ? 0.5 : 0;
  const choose = grid.alignCorners ? Math.round : Math.floor;
  return Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.max(0, choose((i + shift) * ratio(from, to, grid)))),
  );
}

export const resizing: Kernels = {
  ResizeBilinear: kernel<tf.ResizeBilinearInputs, tf.ResizeBilinearAttrs>(({ images }, { size, ...grid }) =>
    interpolate(interpolate(images, 2, size[1], grid), 1, size[0], grid),
  ),
  ResizeNearestNeighbor: kernel<tf.ResizeNearestNeighborInputs, tf.ResizeNearestNeighborAttrs>(
    ({ images }, { size, ...grid }) =>
      takeAlong(
        takeAlong(images, 2, nearest(images.shape[2]!, size[1], grid)),
        1,
        nearest(images.shape[1]!, size[0], grid),
      ),
  ),
};
