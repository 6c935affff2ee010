import * as tf from '@tensorflow/tfjs-core';
import { offsets, padSpace, unfoldAt } from '../windows.js';
import { isDepthwise, marginsOf, type ConvolutionSettings, type Kernel } from './settings.js';

/**
 * The gradient of the kernel: at each offset, the product of what the windows saw there with R.
 *
 * @param R gradient of the output, [N,H',W',outChannels]
 * @param x the input, [N,H,W,inChannels]
 */
export function convolveKernelGradient(
  R: tf.Tensor4D,
  x: tf.Tensor4D,
  kernelShape: readonly number[],
  settings: ConvolutionSettings,
): Kernel {
  const { stride, groups } = settings;
  const padded = padSpace(x, ...marginsOf(settings));
  const [n, rows, columns, out] = R.shape;
  const flatR = tf.reshape(R, [n * rows * columns, out]);
  const slices = offsets(settings).map((offset) => {
    const seen = unfoldAt(padded, offset, stride, [rows, columns]);
    const flat = tf.reshape(seen, [n * rows * columns, seen.shape[3]]);
    if (isDepthwise(settings)) {
      const multiplier = out / groups;
      return tf.sum(tf.mul(tf.reshape(flat, [-1, groups, 1]), tf.reshape(flatR, [-1, groups, multiplier])), 0);
    }
    if (groups === 1) return tf.matMul(flat, flatR, true);
    const [xs, Rs] = [tf.split(flat, groups, 1), tf.split(flatR, groups, 1)];
    return tf.concat(
      xs.map((part, g) => tf.matMul(part, Rs[g]!, true)),
      1,
    );
  });
  return tf.reshape<tf.Rank.R4>(tf.stack(slices), [...kernelShape] as [number, number, number, number]);
}
