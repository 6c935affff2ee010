import * as tf from '@tensorflow/tfjs-core';
import { type Dense, real, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { assertNHWC, assertOutputShape, firstPixel, forEachStrip, forEachElement, type Geometry } from '../windows.js';

type FourD = [number, number, number, number];
type Attributes = Pick<tf.DepthwiseConv2dNativeAttrs, 'strides' | 'pad' | 'dilations' | 'dimRoundingMode'>;

/**
 * A channel multiplier m is computed as a plain depthwise convolution of an image with each channel repeated m times.
 */
interface Depthwise {
  readonly multiplier: number;
  /** Shape of the image as given. */
  readonly imageShape: number[];
  readonly filterShape: number[];
  /** Of the image with repeated channels, which has as many input as output channels. */
  readonly geometry: Geometry;
}

function depthwiseOf(
  image: number[],
  filter: number[],
  { strides, pad, dilations, dimRoundingMode }: Attributes,
): Depthwise {
  const [height, width, channels, multiplier] = filter as FourD;
  tf.util.assert(
    image[3] === channels,
    () => `depthwise convolution: ${image[3]} channels in the image, ${channels} in the filter`,
  );
  const geometry = tf.backend_util.computeConv2DInfo(
    image.with(3, channels * multiplier) as FourD,
    [height, width, channels * multiplier, 1],
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    true,
  );
  return { multiplier, imageShape: image, filterShape: filter, geometry };
}

const repeatChannels = (data: Float64Array, times: number): Float64Array =>
  times === 1 ? data : Float64Array.from({ length: data.length * times }, (_, i) => data[Math.floor(i / times)]!);

function sumChannels(data: Float64Array, times: number): Float64Array {
  if (times === 1) return data;
  const sums = new Float64Array(data.length / times);
  data.forEach((value, i) => {
    sums[Math.floor(i / times)]! += value;
  });
  return sums;
}

/**
 * Calls `visit` with the positions of channel 0 in the output, the filter and the image, for every pixel and window
 * element.
 */
function forEachPosition(geometry: Geometry, visit: (out: number, weight: number, at: number) => void): void {
  const channels = geometry.inChannels;
  forEachStrip(geometry, geometry.outHeight, (strip) => {
    const first = firstPixel(geometry, strip);
    forEachElement(geometry, strip, (pixel, element, at) => visit((first + pixel) * channels, element * channels, at));
  });
}

/** `sums[s+c] += a[i+c]·b[j+c]` for every channel c. */
function addProducts(
  sums: Float64Array,
  s: number,
  a: Float64Array,
  i: number,
  b: Float64Array,
  j: number,
  channels: number,
): void {
  for (let c = 0; c < channels; c++) sums[s + c]! += a[i + c]! * b[j + c]!;
}

function convolve(x: Dense, filter: Dense, { multiplier, geometry }: Depthwise): Dense {
  const image = repeatChannels(x.data, multiplier);
  const y = new Float64Array(sizeOf(geometry.outShape));
  forEachPosition(geometry, (out, weight, at) =>
    addProducts(y, out, image, at, filter.data, weight, geometry.inChannels),
  );
  return real(geometry.outShape, y);
}

function inputGradient(dy: Dense, filter: Dense, { multiplier, imageShape, geometry }: Depthwise): Dense {
  const dx = new Float64Array(sizeOf(geometry.inShape));
  forEachPosition(geometry, (out, weight, at) =>
    addProducts(dx, at, dy.data, out, filter.data, weight, geometry.inChannels),
  );
  return real(imageShape, sumChannels(dx, multiplier));
}

function filterGradient(x: Dense, dy: Dense, { multiplier, filterShape, geometry }: Depthwise): Dense {
  const image = repeatChannels(x.data, multiplier);
  const dw = new Float64Array(sizeOf(filterShape));
  forEachPosition(geometry, (out, weight, at) => addProducts(dw, weight, image, at, dy.data, out, geometry.inChannels));
  return real(filterShape, dw);
}

export const depthwise: Kernels = {
  DepthwiseConv2dNative: kernel<tf.DepthwiseConv2dNativeInputs, tf.DepthwiseConv2dNativeAttrs>(
    ({ x, filter }, attributes) => {
      assertNHWC(attributes.dataFormat);
      return convolve(x, filter, depthwiseOf(x.shape, filter.shape, attributes));
    },
  ),
  DepthwiseConv2dNativeBackpropInput: kernel<
    tf.DepthwiseConv2dNativeBackpropInputInputs,
    tf.DepthwiseConv2dNativeBackpropInputAttrs
  >(({ dy, filter }, attributes) => {
    const given = depthwiseOf(attributes.inputShape, filter.shape, attributes);
    assertOutputShape(dy.shape, given.geometry);
    return inputGradient(dy, filter, given);
  }),
  DepthwiseConv2dNativeBackpropFilter: kernel<
    tf.DepthwiseConv2dNativeBackpropFilterInputs,
    tf.DepthwiseConv2dNativeBackpropFilterAttrs
  >(({ x, dy }, attributes) => {
    const given = depthwiseOf(x.shape, attributes.filterShape, attributes);
    assertOutputShape(dy.shape, given.geometry);
    return filterGradient(x, dy, given);
  }),
};
