import type { backend_util } from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';

/** TF.js's geometry of a convolution or pool over NHWC. */
export type Geometry = backend_util.Conv2DInfo;

/** Rows of the output to work on: those of image `batch` from `from` up to, not including, `to`. */
export interface Strip {
  readonly batch: number;
  readonly from: number;
  readonly to: number;
}

/**
 * For each output pixel of the strip and each element of its window that falls on a pixel of the image, in order:
 * `pixel` counts output pixels from the strip's first, `element` the window's pixels row by row; `at` is the position
 * of channel 0 of the image's pixel.
 */
export function forEachElement(
  geometry: Geometry,
  { batch, from, to }: Strip,
  visit: (pixel: number, element: number, at: number) => void,
): void {
  const { filterHeight, filterWidth, dilationHeight, dilationWidth, strideHeight, strideWidth } = geometry;
  const { inHeight, inWidth, inChannels, outWidth, padInfo } = geometry;
  let pixel = 0;
  for (let outRow = from; outRow < to; outRow++) {
    for (let outColumn = 0; outColumn < outWidth; outColumn++, pixel++) {
      for (let windowRow = 0; windowRow < filterHeight; windowRow++) {
        const row = outRow * strideHeight - padInfo.top + windowRow * dilationHeight;
        if (row < 0 || row >= inHeight) continue;
        const rowStart = (batch * inHeight + row) * inWidth;
        let column = outColumn * strideWidth - padInfo.left;
        for (let windowColumn = 0; windowColumn < filterWidth; windowColumn++, column += dilationWidth) {
          if (column >= 0 && column < inWidth)
            visit(pixel, windowRow * filterWidth + windowColumn, (rowStart + column) * inChannels);
        }
      }
    }
  }
}

/** All output rows, image by image, in strips of `rowsPerStrip`. */
export function forEachStrip(geometry: Geometry, rowsPerStrip: number, visit: (strip: Strip) => void): void {
  for (let batch = 0; batch < geometry.batchSize; batch++) {
    for (let from = 0; from < geometry.outHeight; from += rowsPerStrip) {
      visit({ batch, from, to: Math.min(from + rowsPerStrip, geometry.outHeight) });
    }
  }
}

/** Position of the strip's first output pixel, in pixels. */
export function firstPixel({ outHeight, outWidth }: Geometry, { batch, from }: Strip): number {
  return (batch * outHeight + from) * outWidth;
}

export function assertNHWC(dataFormat: string | undefined): void {
  if (dataFormat && dataFormat !== 'NHWC')
    throw new TouchstoneError(
      'unsupported',
      `the float64 backend only supports convolutions in NHWC, not in ${dataFormat}`,
      'Transpose the input to NHWC.',
    );
}

/** A gradient of another shape would be read past its end, where JavaScript gives NaN. */
export function assertOutputShape(shape: readonly number[], geometry: Geometry): void {
  const { outShape } = geometry;
  if (shape.join() !== outShape.join()) {
    throw new TouchstoneError(
      'internal',
      `the gradient has shape [${shape.join(', ')}], the convolution's output [${outShape.join(', ')}]`,
    );
  }
}
