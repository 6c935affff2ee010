/** Convolutions whose windows lie side by side, such as those that cut an image into tokens. NHWC. */
import * as tf from '@tensorflow/tfjs-core';
import { matrixProduct } from '../matrix-product.js';
import { transposed } from '../transposed.js';
import { padSpace, type Size2 } from '../windows.js';
import { marginsOf, type ConvolutionSettings, type Kernel } from './settings.js';

/** Whether no pixel is in two windows, and none is between them. */
export function arePatches({ kernelSize, stride, dilation, groups }: ConvolutionSettings): boolean {
  const [h, w] = kernelSize;
  return groups === 1 && Math.max(...dilation) === 1 && h * w > 1 && h === stride[0] && w === stride[1];
}

/** `convolveInputGradient` of patches: a product of matrices, where other convolutions put zeros between values. */
export function patchInputGradient(
  R: tf.Tensor4D,
  kernel: Kernel,
  settings: ConvolutionSettings,
  size: Size2,
): tf.Tensor4D {
  const [n, rows, columns, out] = R.shape;
  const [h, w, channels] = kernel.shape;
  const patches = matrixProduct(tf.reshape(R, [n * rows * columns, out]), tf.reshape(kernel, [h * w * channels, out]), {
    transposeB: true,
  });
  const ordered = transposed(tf.reshape(patches, [n, rows, columns, h, w, channels]), [0, 1, 3, 2, 4, 5]);
  const [[top], [left]] = marginsOf(settings);
  const whole = tf.reshape(ordered, [n, rows * h, columns * w, channels]) as tf.Tensor4D;
  return padSpace(whole, [-top, size[0] + top - rows * h], [-left, size[1] + left - columns * w]);
}
