/**
 * Resizing as PyTorch's `F.interpolate` does it (ATen/native/UpSample.h): one matrix over rows and one over columns.
 * NHWC.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { applyAxisMaps, axisMap, type AxisMap } from './axis-maps.js';
import type { Size2 } from './windows.js';

/** `scales` are those that were given to PyTorch, output pixels per input pixel; null: those of the sizes. */
export interface Resizing {
  readonly mode: 'nearest' | 'nearest-exact' | 'bilinear' | 'bicubic';
  readonly alignCorners: boolean;
  readonly scales: Size2 | null;
}

const halfPixelCentres = { alignCorners: false, scales: null } as const;

/** `F.interpolate(mode='bilinear', align_corners=False)`. [N,h,w,C] → [N,...size,C]. */
export function resizeBilinear(x: tf.Tensor4D, size: Size2): tf.Tensor4D {
  return applyAxisMaps(x, ...resizeMaps([x.shape[1], x.shape[2]], size, { ...halfPixelCentres, mode: 'bilinear' }));
}

/** `F.interpolate(mode='bicubic', align_corners=False)`, OpenCV's INTER_CUBIC. [N,h,w,C] → [N,...size,C]. */
export function resizeBicubic(x: tf.Tensor4D, size: Size2): tf.Tensor4D {
  return applyAxisMaps(x, ...resizeMaps([x.shape[1], x.shape[2]], size, { ...halfPixelCentres, mode: 'bicubic' }));
}

/** Over rows and over columns. */
export function resizeMaps(from: Size2, size: Size2, how: Resizing): [AxisMap, AxisMap] {
  const along = (i: 0 | 1) => resizeMap(from[i], size[i], how, how.scales?.[i] ?? null);
  return [along(0), along(1)];
}

function resizeMap(from: number, to: number, { mode, alignCorners }: Resizing, scale: number | null): AxisMap {
  if (mode === 'nearest' || mode === 'nearest-exact') return nearestMap(from, to, mode === 'nearest' ? 0 : 0.5, scale);
  const step = pixelsPerOutput(from, to, alignCorners, scale);
  const centreOf = (i: number) => (alignCorners ? step * i : step * (i + 0.5) - 0.5);
  return mode === 'bilinear' ? bilinearMap(from, to, centreOf) : bicubicMap(from, to, centreOf);
}

/** `area_pixel_compute_scale`: input pixels from one output pixel to the next. */
function pixelsPerOutput(from: number, to: number, alignCorners: boolean, scale: number | null): number {
  if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return scale === null ? from / to : 1 / scale;
}

/** The index is computed in float32, whatever the precision of x. */
function nearestMap(from: number, to: number, offset: number, scale: number | null): AxisMap {
  const step = Math.fround(pixelsPerOutput(from, to, false, scale));
  return axisMap(to, from, (set, i) => set(Math.min(Math.floor(Math.fround((i + offset) * step)), from - 1), 1));
}

function bilinearMap(from: number, to: number, centreOf: (i: number) => number): AxisMap {
  return axisMap(to, from, (set, i) => {
    const centre = from === to ? i : Math.max(centreOf(i), 0);
    const low = Math.min(Math.floor(centre), from - 1);
    const fraction = Math.min(centre - low, 1);
    set(low, 1 - fraction);
    set(Math.min(low + 1, from - 1), fraction);
  });
}

function bicubicMap(from: number, to: number, centreOf: (i: number) => number): AxisMap {
  return axisMap(to, from, (set, i) => {
    const low = Math.min(Math.floor(centreOf(i)), from - 1);
    const fraction = Math.min(centreOf(i) - low, 1);
    for (let at = -1; at <= 2; at++) set(Math.min(Math.max(low + at, 0), from - 1), cubic(Math.abs(fraction - at)));
  });
}

/** Keys' kernel (1981, equation 15) with a = −0.75, at distance 0 ≤ t ≤ 2. */
function cubic(t: number): number {
  const a = -0.75;
  return t <= 1 ? (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1 : a * (t ** 3 - 5 * t ** 2 + 8 * t - 4);
}
