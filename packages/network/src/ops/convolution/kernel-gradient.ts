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
  const pixels = n * rows * columns;
  /** [pixels,channels] → [groups,pixels,channels/groups] */
  const byGroup = (flat: tf.Tensor): tf.Tensor3D =>
    tf.transpose(tf.reshape(flat, [pixels, groups, flat.size / pixels / groups]), [1, 0, 2]);
  const flatR = isDepthwise(settings) || groups === 1 ? tf.reshape(R, [pixels, out]) : byGroup(R);
  const slices = offsets(settings).map((offset) => {
    const seen = unfoldAt(padded, offset, stride, [rows, columns]);
    const flat = tf.reshape(seen, [pixels, seen.shape[3]]);
    if (isDepthwise(settings)) {
      const multiplier = out / groups;
      return tf.sum(tf.mul(tf.reshape(flat, [-1, groups, 1]), tf.reshape(flatR, [-1, groups, multiplier])), 0);
    }
    return groups === 1 ? tf.matMul(flat, flatR, true) : tf.transpose(tf.matMul(byGroup(flat), flatR, true), [1, 0, 2]);
  });
  return tf.reshape<tf.Rank.R4>(tf.stack(slices), [...kernelShape] as [number, number, number, number]);
}
