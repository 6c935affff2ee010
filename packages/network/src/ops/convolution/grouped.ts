/** Convolutions in groups, NHWC. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { bounded, boundOf, gainOf } from '../magnitude.js';
import { noEpilogue, type Kernel } from './settings.js';
import { applyEpilogue, stockConvolve, type StockSettings } from './stock-convolution.js';

/** @param kernel [h,w,in/groups,out] */
export function convolveGroups(
  x: tf.Tensor4D,
  kernel: Kernel,
  groups: number,
  settings: Omit<StockSettings, 'depthwise'>,
): tf.Tensor4D {
  const { groupsInSpace = false } = tf.backend() as BackendTraits;
  const bound = boundOf(x);
  if (groupsInSpace && Math.max(...settings.dilation) === 1)
    return convolveInSpace(bounded(spacedChannels(x, groups), bound), kernel, groups, settings);
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x, groups, 3)
    .map((part, g) =>
      stockConvolve(bounded(part, bound), kernels[g]!, { ...settings, depthwise: false, epilogue: noEpilogue }),
    );
  return applyEpilogue(tf.concat(parts, 3), settings.epilogue);
}

/** [N,H,W,groups·c] → [N,H,W·c,groups]: the channels of a group next to each other in a row. */
function spacedChannels(x: tf.Tensor4D, groups: number): tf.Tensor4D {
  const [n, h, w, channels] = x.shape;
  const each = channels / groups;
  const spaced = tf.transpose(tf.reshape(x, [n * h * w, groups, each]), [0, 2, 1]);
  return tf.reshape(spaced, [n, h, w * each, groups]);
}

/**
 * One depthwise convolution over the groups: a window is as many pixels wider, and moves as many further, as a group
 * has channels.
 */
function convolveInSpace(
  x: tf.Tensor4D,
  kernel: Kernel,
  groups: number,
  { stride, margins: [rows, [left, right]], ...settings }: Omit<StockSettings, 'depthwise'>,
): tf.Tensor4D {
  const [h, w, each, out] = kernel.shape;
  return stockConvolve(x, tf.reshape(kernel, [h, w * each, groups, out / groups]), {
    ...settings,
    stride: [stride[0], stride[1] * each],
    margins: [rows, [left * each, right * each]],
    depthwise: true,
    gain: () => gainOf(kernel, false),
  });
}
