/**
 * Conv2d on stock kernels, and its gradients as forward kernels. NHWC, weights HWIO; a depthwise weight is [h,w,C,m].
 *
 * The input gradient is a forward convolution of the (spread) output gradient with the kernel turned by 180° and its
 * channels swapped: on WASM several times faster than TF.js's own gradient kernel, and for depthwise there is none.
 */
import * as tf from '@tensorflow/tfjs-core';
import { padSpace, spread, take, offsets, type Size2, type Window } from './windows.js';

export interface ConvolutionSettings extends Window {
  readonly padding: Size2;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

type Kernel = tf.Tensor4D;

const isDepthwise = ({ groups, inChannels }: ConvolutionSettings): boolean => groups > 1 && groups === inChannels;

/** PyTorch's weight [out,in/groups,h,w], held like any 4-D tensor as [out,h,w,in/groups] → the engine's kernel. */
export function kernelFromWeight(weight: tf.Tensor4D, settings: ConvolutionSettings): Kernel {
  if (!isDepthwise(settings)) return tf.transpose(weight, [1, 2, 3, 0]);
  const [out, h, w] = weight.shape;
  return tf.transpose(tf.reshape(weight, [settings.groups, out / settings.groups, h, w]), [2, 3, 0, 1]);
}

/** The inverse of `kernelFromWeight`. */
export function weightFromKernel(kernel: Kernel, settings: ConvolutionSettings): tf.Tensor4D {
  if (!isDepthwise(settings)) return tf.transpose(kernel, [3, 0, 1, 2]);
  const [h, w, c, multiplier] = kernel.shape;
  return tf.reshape(tf.transpose(kernel, [2, 3, 0, 1]), [c * multiplier, h, w, 1]);
}

/** x [N,H,W,C] → [N,H',W',outChannels]. */
export function convolve(x: tf.Tensor4D, kernel: Kernel, settings: ConvolutionSettings): tf.Tensor4D {
  const { stride, dilation, padding, groups } = settings;
  const spreadKernel = Math.max(...stride) > 1 && Math.max(...dilation) > 1;
  const pieces = spreadKernel ? dilateKernel(kernel, dilation) : kernel;
  const run = (part: tf.Tensor4D, pieces: Kernel) => stockConvolve(part, pieces, stride, spreadKernel ? [1, 1] : dilation, padding, isDepthwise(settings));
  if (groups === 1 || isDepthwise(settings)) return run(x, pieces);
  const kernels = tf.split<tf.Tensor4D>(pieces, groups, 3);
  return tf.concat(tf.split<tf.Tensor4D>(x, groups, 3).map((part, g) => run(part, kernels[g]!)), 3);
}

/** The kernel turned by 180° with its channels swapped, [h,w,out,in/groups]; of a depthwise one [h,w,C·m,1]. */
export function turnKernel(kernel: Kernel, settings: ConvolutionSettings): Kernel {
  const turned = tf.reverse(kernel, [0, 1]);
  const [h, w, c, multiplier] = kernel.shape;
  return isDepthwise(settings) ? tf.reshape(turned, [h, w, c * multiplier, 1]) : tf.transpose(turned, [0, 1, 3, 2]);
}

/** The gradient of x, [N,...size,C], from R, that of the output. `turned`: see `turnKernel`. */
export function convolveInputGradient(R: tf.Tensor4D, turned: Kernel, settings: ConvolutionSettings, size: Size2): tf.Tensor4D {
  const { kernelSize, stride, dilation, padding, groups, inChannels, outChannels } = settings;
  const spreadR = spread(R, stride);
  const margin = (i: 0 | 1): Size2 => {
    const before = dilation[i] * (kernelSize[i] - 1) - padding[i];
    return [before, size[i] - spreadR.shape[i + 1]! - before + dilation[i] * (kernelSize[i] - 1)];
  };
  const [rows, columns] = [margin(0), margin(1)];
  const even = rows[0] === rows[1] && columns[0] === columns[1] && rows[0] >= 0 && columns[0] >= 0;
  const padded = even ? spreadR : padSpace(spreadR, rows, columns);
  const pad: Size2 = even ? [rows[0], columns[0]] : [0, 0];
  if (isDepthwise(settings)) {
    const each = stockConvolve(padded, turned, [1, 1], dilation, pad, true);
    const multiplier = outChannels / inChannels;
    return multiplier === 1 ? each : tf.sum<tf.Tensor4D>(tf.reshape(each, [each.shape[0], ...size, inChannels, multiplier]), 4);
  }
  if (groups === 1) return stockConvolve(padded, turned, [1, 1], dilation, pad, false);
  const kernels = tf.split<tf.Tensor4D>(turned, groups, 2);
  return tf.concat(tf.split<tf.Tensor4D>(padded, groups, 3).map((part, g) => stockConvolve(part, kernels[g]!, [1, 1], dilation, pad, false)), 3);
}

/** The gradient of the kernel: at each offset, the product of what the windows saw there with R. */
export function convolveKernelGradient(R: tf.Tensor4D, x: tf.Tensor4D, kernelShape: readonly number[], settings: ConvolutionSettings): Kernel {
  const { padding, stride, groups } = settings;
  const padded = padSpace(x, [padding[0], padding[0]], [padding[1], padding[1]]);
  const [n, rows, columns, out] = R.shape;
  const flatR = tf.reshape(R, [n * rows * columns, out]);
  const slices = offsets(settings).map((offset) => {
    const seen = take(padded, offset, stride, [rows, columns]);
    const flat = tf.reshape(seen, [n * rows * columns, seen.shape[3]]);
    if (isDepthwise(settings)) {
      const multiplier = out / groups;
      return tf.sum(tf.mul(tf.reshape(flat, [-1, groups, 1]), tf.reshape(flatR, [-1, groups, multiplier])), 0);
    }
    if (groups === 1) return tf.matMul(flat, flatR, true);
    const [xs, Rs] = [tf.split(flat, groups, 1), tf.split(flatR, groups, 1)];
    return tf.concat(xs.map((part, g) => tf.matMul(part, Rs[g]!, true)), 1);
  });
  return tf.reshape<tf.Rank.R4>(tf.stack(slices), [...kernelShape] as [number, number, number, number]);
}

/** Explicit padding as 'same' where that is what it means, else as a pad layer before a 'valid' convolution. */
function stockConvolve(x: tf.Tensor4D, kernel: Kernel, stride: Size2, dilation: Size2, padding: Size2, depthwise: boolean): tf.Tensor4D {
  const [h, w] = kernel.shape;
  const unpadded = padding[0] === 0 && padding[1] === 0;
  const isSame = Math.max(...stride, ...dilation) === 1 && padding[0] * 2 === h - 1 && padding[1] * 2 === w - 1;
  const input = unpadded || isSame ? x : padSpace(x, [padding[0], padding[0]], [padding[1], padding[1]]);
  const mode = isSame && !unpadded ? 'same' : 'valid';
  return depthwise
    ? tf.depthwiseConv2d(input, kernel, [...stride], mode, 'NHWC', [...dilation])
    : tf.conv2d(input, kernel, [...stride], mode, 'NHWC', [...dilation]);
}

/** TF.js refuses strides together with dilations: put the zeros into the kernel instead. */
function dilateKernel(kernel: Kernel, [dy, dx]: Size2): Kernel {
  const [h, w, i, o] = kernel.shape;
  const spreadKernel = spread(tf.reshape(kernel, [1, h, w, i * o]), [dy, dx]);
  const trimmed = padSpace(spreadKernel, [0, 1 - dy], [0, 1 - dx]);
  return tf.reshape(trimmed, [(h - 1) * dy + 1, (w - 1) * dx + 1, i, o]);
}
