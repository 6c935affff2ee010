import * as tf from '@tensorflow/tfjs-core';
import { type Dense, real, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { firstPixel, forEachStrip, forEachElement, type Geometry } from '../windows.js';

type FourD = [number, number, number, number];

function geometryOf({ shape }: Dense, { filterSize, strides, pad, dimRoundingMode }: tf.MaxPoolAttrs): Geometry {
  return tf.backend_util.computePool2DInfo(shape as FourD, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Calls `visit` with the positions of channel 0 in output and image, for each pixel of each window. */
function forEachWindowPixel(geometry: Geometry, visit: (pixel: number, out: number, at: number) => void): void {
  forEachStrip(geometry, geometry.outHeight, (strip) => {
    const first = firstPixel(geometry, strip);
    forEachElement(geometry, strip, (pixel, _, at) => visit(first + pixel, (first + pixel) * geometry.inChannels, at));
  });
}

/** Padding never wins; NaN always does, as in PyTorch (TF.js's cpu backend drops it). */
function maxPool(x: Dense, geometry: Geometry): Dense {
  const channels = geometry.inChannels;
  const image = x.data;
  const y = new Float64Array(sizeOf(geometry.outShape)).fill(-Infinity);
  forEachWindowPixel(geometry, (_, out, at) => {
    for (let c = 0; c < channels; c++) {
      const value = image[at + c]!;
      if (value > y[out + c]! || Number.isNaN(value)) y[out + c] = value;
    }
  });
  return { shape: geometry.outShape, dtype: x.dtype, data: y };
}

/** The mean over the pixels inside the image: TF.js does not count padding. */
function averagePool(x: Dense, geometry: Geometry): Dense {
  const channels = geometry.inChannels;
  const image = x.data;
  const y = new Float64Array(sizeOf(geometry.outShape));
  const counts = new Float64Array(y.length / channels);
  forEachWindowPixel(geometry, (pixel, out, at) => {
    counts[pixel]! += 1;
    for (let c = 0; c < channels; c++) y[out + c]! += image[at + c]!;
  });
  return real(
    geometry.outShape,
    y.map((total, i) => total / counts[Math.floor(i / channels)]!),
  );
}

export const pooling: Kernels = {
  MaxPool: kernel<tf.MaxPoolInputs, tf.MaxPoolAttrs>(({ x }, attributes) => maxPool(x, geometryOf(x, attributes))),
  AvgPool: kernel<tf.AvgPoolInputs, tf.AvgPoolAttrs>(({ x }, attributes) => averagePool(x, geometryOf(x, attributes))),
};
