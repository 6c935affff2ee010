/** A convolution's weight as the backend uses it. */
import * as tf from '@tensorflow/tfjs-core';
import { winogradKernel, winogradPays } from '../winograd.js';
import { backendInputGradient } from './backend-input-gradient.js';
import { isDepthwise, type ConvolutionSettings, type Kernel } from './settings.js';

export interface Kernels {
  readonly kernel: Kernel;
  /**
   * For the input gradient, see `flipKernel`; sixteen matrices where Winograd's algorithm computes it; null where the
   * backend's own kernel does, which needs no flipped copy.
   */
  readonly flipped: Kernel | readonly tf.Tensor2D[] | null;
}

/** PyTorch's weight [out,in/groups,h,w], held like any 4-D tensor as [out,h,w,in/groups] → TF.js's kernel. */
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

/**
 * Both kernels of a weight [out,h,w,in/groups]. Winograd's algorithm is for gradients, which a transposed convolution's
 * forward pass is not.
 */
export function kernelsOf(
  weight: tf.Tensor4D,
  settings: ConvolutionSettings,
  purpose: 'convolution' | 'transposed convolution' = 'convolution',
): Kernels {
  const kernel = kernelFromWeight(weight, settings);
  if (backendInputGradient(settings)) return { kernel, flipped: null };
  const flipped = isPlain1x1(settings) ? outByIn(weight) : flipKernel(kernel, settings);
  const winograd = purpose === 'convolution' && isForWinograd(settings);
  return { kernel, flipped: winograd ? winogradKernel(flipped) : flipped };
}

/**
 * The kernel rotated by 180°, the channels of each group swapped: [h,w,out/groups,in]; of a depthwise one [h,w,C·m,1].
 */
function flipKernel(kernel: Kernel, settings: ConvolutionSettings): Kernel {
  const [h, w, channels, out] = kernel.shape;
  const flipped = rotate(kernel);
  if (isDepthwise(settings)) return tf.reshape(flipped, [h, w, channels * out, 1]);
  const { groups } = settings;
  if (groups === 1) return tf.transpose(flipped, [0, 1, 3, 2]);
  const swapped = tf.transpose(tf.reshape(flipped, [h * w, channels, groups, out / groups]), [0, 3, 2, 1]);
  return tf.reshape(swapped, [h, w, out / groups, groups * channels]);
}

/** By 180°. The taps are whole slices, which is several times faster than `tf.reverse` on wasm. */
function rotate(kernel: Kernel): Kernel {
  const [h, w, channels, out] = kernel.shape;
  if (h * w === 1) return kernel;
  const taps = tf.split(tf.reshape(kernel, [h * w, channels * out]), h * w);
  return tf.reshape(tf.concat(taps.reverse()), kernel.shape);
}

function isPlain1x1({ kernelSize: [h, w], groups }: ConvolutionSettings): boolean {
  return h * w === 1 && groups === 1;
}

/** Of a weight [out,1,1,in] the kernel for the input gradient, [1,1,out,in]. */
function outByIn(weight: tf.Tensor4D): Kernel {
  const [out, , , channels] = weight.shape;
  return tf.reshape(weight, [1, 1, out, channels]);
}

function isForWinograd(settings: ConvolutionSettings): boolean {
  const { kernelSize, stride, dilation, groups, inChannels, outChannels } = settings;
  const fits = groups === 1 && Math.max(...stride, ...dilation) === 1 && kernelSize[0] === 3 && kernelSize[1] === 3;
  return fits && winogradPays(inChannels, outChannels);
}
