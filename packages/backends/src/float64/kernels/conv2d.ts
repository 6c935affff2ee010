import * as tf from '@tensorflow/tfjs-core';
import { type Dense, real, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { matrix, multiplyInto, pack, transposed } from '../matrix.js';
import {
  assertNHWC,
  assertOutputShape,
  firstPixel,
  forEachStrip,
  forEachElement,
  type Geometry,
  type Strip,
} from '../windows.js';

type FourD = [number, number, number, number];
type Attributes = Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'>;

function geometryOf(
  image: number[],
  filter: number[],
  { strides, pad, dataFormat, dimRoundingMode }: Attributes,
  dilations: tf.Conv2DAttrs['dilations'] = 1,
): Geometry {
  assertNHWC(dataFormat);
  return tf.backend_util.computeConv2DInfo(image as FourD, filter as FourD, strides, dilations, pad, dimRoundingMode);
}

/*
 * Each convolution is a product of matrices. unfold(x) = P holds, per output pixel, the pixels in its window (elements
 * × input channels, zero outside the image); fold is its transpose. With W the filter as [elements·in, out]:
 *   y = P·W      ∂x = fold(∂y·Wᵀ)      ∂W = Pᵀ·∂y
 */

/** Size of P at a time, in doubles: 2 MiB, so that it stays in the cache. */
const maxPatchValues = 2 ** 18;

const patchSize = ({ filterHeight, filterWidth, inChannels }: Geometry): number =>
  filterHeight * filterWidth * inChannels;

/** Calls `visit` strip by strip, with a zeroed array that holds the strip's patches. */
function forEachPatches(
  geometry: Geometry,
  visit: (strip: Strip, pixels: number, patches: Float64Array) => void,
): void {
  const perRow = geometry.outWidth * patchSize(geometry);
  const rows = Math.max(1, Math.min(geometry.outHeight, Math.floor(maxPatchValues / perRow)));
  const patches = new Float64Array(rows * perRow);
  forEachStrip(geometry, rows, (strip) => {
    patches.fill(0);
    visit(strip, (strip.to - strip.from) * geometry.outWidth, patches);
  });
}

function unfold(x: Float64Array, geometry: Geometry, strip: Strip, patches: Float64Array): void {
  const size = patchSize(geometry);
  const channels = geometry.inChannels;
  forEachElement(geometry, strip, (pixel, element, at) => {
    const to = pixel * size + element * channels;
    for (let channel = 0; channel < channels; channel++) patches[to + channel] = x[at + channel]!;
  });
}

function convolve(x: Dense, filter: Dense, geometry: Geometry): Dense {
  const { outChannels, outShape } = geometry;
  const size = patchSize(geometry);
  const weights = pack(matrix(filter.data, size, outChannels));
  const y = new Float64Array(sizeOf(outShape));
  forEachPatches(geometry, (strip, pixels, patches) => {
    unfold(x.data, geometry, strip, patches);
    multiplyInto(matrix(patches, pixels, size), weights, y, firstPixel(geometry, strip) * outChannels);
  });
  return real(outShape, y);
}

function inputGradient(dy: Dense, filter: Dense, geometry: Geometry): Dense {
  const { inChannels, outChannels, inShape } = geometry;
  const size = patchSize(geometry);
  const weights = pack(transposed(matrix(filter.data, size, outChannels)));
  const dx = new Float64Array(sizeOf(inShape));
  forEachPatches(geometry, (strip, pixels, patches) => {
    multiplyInto(matrix(dy.data, pixels, outChannels, firstPixel(geometry, strip) * outChannels), weights, patches);
    forEachElement(geometry, strip, (pixel, element, at) => {
      const from = pixel * size + element * inChannels;
      for (let channel = 0; channel < inChannels; channel++) dx[at + channel]! += patches[from + channel]!;
    });
  });
  return real(inShape, dx);
}

function filterGradient(x: Dense, dy: Dense, geometry: Geometry): Dense {
  const { outChannels, filterShape } = geometry;
  const size = patchSize(geometry);
  const dw = new Float64Array(size * outChannels);
  forEachPatches(geometry, (strip, pixels, patches) => {
    unfold(x.data, geometry, strip, patches);
    const gradient = matrix(dy.data, pixels, outChannels, firstPixel(geometry, strip) * outChannels);
    multiplyInto(transposed(matrix(patches, pixels, size)), pack(gradient), dw);
  });
  return real(filterShape, dw);
}

export const conv2d: Kernels = {
  Conv2D: kernel<tf.Conv2DInputs, tf.Conv2DAttrs>(({ x, filter }, attributes) =>
    convolve(x, filter, geometryOf(x.shape, filter.shape, attributes, attributes.dilations)),
  ),
  Conv2DBackpropInput: kernel<tf.Conv2DBackpropInputInputs, tf.Conv2DBackpropInputAttrs>(
    ({ dy, filter }, attributes) => {
      const geometry = geometryOf(attributes.inputShape, filter.shape, attributes);
      assertOutputShape(dy.shape, geometry);
      return inputGradient(dy, filter, geometry);
    },
  ),
  Conv2DBackpropFilter: kernel<tf.Conv2DBackpropFilterInputs, tf.Conv2DBackpropFilterAttrs>(({ x, dy }, attributes) => {
    const geometry = geometryOf(x.shape, attributes.filterShape, attributes);
    assertOutputShape(dy.shape, geometry);
    return filterGradient(x, dy, geometry);
  }),
};
