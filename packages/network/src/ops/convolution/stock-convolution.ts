/** One convolution on TF.js's kernels, which take no explicit padding on every backend. NHWC. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../../layout.js';
import { bounded, gainOf, losesNaN, usefulBoundOf, provenBound } from '../magnitude.js';
import { reluOf, relu6Of } from '../relu.js';
import { padSpace, type Size2 } from '../windows.js';
import type { Epilogue, Kernel, Margins } from './settings.js';

export interface StockSettings {
  readonly stride: Size2;
  readonly dilation: Size2;
  readonly margins: Margins;
  readonly depthwise: boolean;
  readonly epilogue: Epilogue;
  /** Of the kernel, see `gainOf`, where it is known of one that stays; left out: it is measured. */
  readonly gain?: () => number;
}

/** NaN in, or an overflow inside, is NaN or ±∞ in the result on every backend. */
export function stockConvolve(x: tf.Tensor4D, kernel: Kernel, settings: StockSettings): tf.Tensor4D {
  if (!losesNaN('convolution')) return convolveOnce(x, kernel, settings);
  const { depthwise, epilogue } = settings;
  const gain = settings.gain?.() ?? gainOf(kernel, depthwise);
  const offset = epilogue.bias ? usefulBoundOf(epilogue.bias) : 0;
  const bound = provenBound(x, (ofX) => ofX * gain + offset);
  if (bound === null) return convolveKeepingNaN(x, kernel, settings);
  return bounded(convolveOnce(x, kernel, settings), epilogue.activation === 'relu6' ? Math.min(bound, 6) : bound);
}

/** XNNPACK clamps NaN to −∞, not always. A sum is NaN too where both it and its negative come out as −∞. */
function convolveKeepingNaN(x: tf.Tensor4D, kernel: Kernel, settings: StockSettings): tf.Tensor4D {
  const { bias, activation } = settings.epilogue;
  const isLowest = (k: Kernel, b: tf.Tensor1D | null) => {
    const y = convolveOnce(x, k, { ...settings, epilogue: { bias: b, activation: 'linear' } });
    return { y, lowest: tf.equal(y, constant([-Infinity], [])) };
  };
  const { y, lowest } = isLowest(kernel, bias);
  const negative = isLowest(tf.neg(kernel), bias && tf.neg(bias));
  const isLost = tf.logicalOr(tf.logicalAnd(lowest, negative.lowest), tf.notEqual(y, y));
  return applyEpilogue(tf.where(isLost, tf.fill(y.shape, NaN), y), { bias: null, activation });
}

/** Uses padding 'same' where `margins` equal it, else a pad layer before a 'valid' convolution. */
function convolveOnce(x: tf.Tensor4D, kernel: Kernel, settings: StockSettings): tf.Tensor4D {
  const { dilation, depthwise, epilogue } = settings;
  const size: Size2 = [x.shape[1], x.shape[2]];
  const kernelSize: Size2 = [kernel.shape[0], kernel.shape[1]];
  const { stride, margins } = withoutIdleStrides(size, kernelSize, settings);
  const same = Math.max(...dilation) === 1 && isSamePadding(size, kernelSize, stride, margins);
  const input = same ? x : padSpace(x, ...margins);
  const pad = same ? 'same' : 'valid';
  const { bias, activation } = epilogue;
  const hasEpilogue = bias !== null || activation !== 'linear';
  if (hasEpilogue && tf.getKernel(depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D', tf.getBackend())) {
    const all = {
      x: input,
      filter: kernel,
      strides: [...stride] as [number, number],
      pad,
      dataFormat: 'NHWC',
      dilations: [...dilation] as [number, number],
      activation,
      ...(bias && { bias }),
    } as const;
    return depthwise ? tf.fused.depthwiseConv2d(all) : tf.fused.conv2d(all);
  }
  const y = depthwise
    ? tf.depthwiseConv2d(input, kernel, [...stride], pad, 'NHWC', [...dilation])
    : tf.conv2d(input, kernel, [...stride], pad, 'NHWC', [...dilation]);
  return hasEpilogue ? applyEpilogue(y, epilogue) : y;
}

export function applyEpilogue(sums: tf.Tensor4D, { bias, activation }: Epilogue): tf.Tensor4D {
  const y: tf.Tensor4D = bias ? tf.add(sums, bias) : sums;
  if (activation === 'linear') return y;
  return activation === 'relu' ? reluOf(y) : relu6Of(y);
}

/**
 * Whether `margins` equal those of 'same': as few as the windows need, an odd one at the end. False where rows or
 * columns are left over after the last window, for which wasm (XNNPACK) gives zeros.
 */
export function isSamePadding(size: Size2, kernelSize: Size2, stride: Size2, margins: Margins): boolean {
  return margins.every(([before, after], i) => {
    const axis = i as 0 | 1;
    const missing = (Math.ceil(size[axis] / stride[axis]) - 1) * stride[axis] + kernelSize[axis] - size[axis];
    return missing >= 0 && before === Math.floor(missing / 2) && before + after === missing;
  });
}

/**
 * If only one window fits along an axis, its stride becomes 1 and the rest of the axis is cropped. TensorFlow 2.18 on
 * the CPU otherwise leaves values unwritten where x has one channel.
 */
function withoutIdleStrides(
  size: Size2,
  kernelSize: Size2,
  { stride, dilation, margins }: Pick<StockSettings, 'stride' | 'dilation' | 'margins'>,
): Pick<StockSettings, 'stride' | 'margins'> {
  const axes = ([0, 1] as const).map((i) => {
    const [before, after] = margins[i];
    const extent = dilation[i] * (kernelSize[i] - 1) + 1;
    const isIdle = stride[i] > 1 && size[i] + before + after - extent < stride[i];
    return isIdle
      ? { step: 1, around: [before, extent - size[i] - before] as const }
      : { step: stride[i], around: margins[i] };
  });
  return { stride: [axes[0]!.step, axes[1]!.step], margins: [axes[0]!.around, axes[1]!.around] };
}
