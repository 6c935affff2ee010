/**
 * The input gradient of a convolution as a forward convolution of the output gradient, with zeros between its values
 * where the stride is larger than 1, with the flipped kernel: several times faster on WASM than TF.js's own gradient
 * kernel, which does not exist for depthwise convolutions. NHWC.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from '../magnitude.js';
import { padSpace, spread, type Size2 } from '../windows.js';
import { winogradConvolve } from '../winograd.js';
import { backendInputGradient } from './backend-input-gradient.js';
import type { Kernels } from './kernels.js';
import { isDepthwise, marginsOf, noEpilogue, type ConvolutionSettings, type Kernel } from './settings.js';
import { isSamePadding, stockConvolve } from './stock-convolution.js';

/**
 * @param R gradient of the output, [N,H',W',outChannels]
 * @param size rows and columns of x
 * @returns gradient of x, [N,...size,inChannels]
 */
export function convolveInputGradient(
  R: tf.Tensor4D,
  { kernel, flipped }: Kernels,
  settings: ConvolutionSettings,
  size: Size2,
): tf.Tensor4D {
  if (flipped === null) return byBackend(R, kernel, settings, size);
  const { kernelSize, stride, dilation, groups, inChannels, outChannels } = settings;
  const spreadR = spread(R, stride);
  const margins = marginsOf(settings);
  const around = (i: 0 | 1): Size2 => {
    const before = dilation[i] * (kernelSize[i] - 1) - margins[i][0];
    return [before, size[i] - spreadR.shape[i + 1]! - before + dilation[i] * (kernelSize[i] - 1)];
  };
  if ('length' in flipped) return winogradConvolve(spreadR, flipped, [around(0), around(1)]);
  const run = (part: tf.Tensor4D, kernel: Kernel) =>
    stockConvolve(bounded(part, boundOf(R)), kernel, {
      stride: [1, 1],
      dilation,
      margins: [around(0), around(1)],
      depthwise: isDepthwise(settings),
      epilogue: noEpilogue,
    });
  if (isDepthwise(settings)) {
    const each = run(spreadR, flipped);
    const multiplier = outChannels / inChannels;
    return multiplier === 1
      ? each
      : tf.sum<tf.Tensor4D>(tf.reshape(each, [each.shape[0], ...size, inChannels, multiplier]), 4);
  }
  if (groups === 1) return run(spreadR, flipped);
  const kernels = tf.split<tf.Tensor4D>(flipped, groups, 2);
  const parts = tf.split<tf.Tensor4D>(spreadR, groups, 3).map((part, g) => run(part, kernels[g]!));
  return tf.concat(parts, 3);
}

function byBackend(R: tf.Tensor4D, kernel: Kernel, settings: ConvolutionSettings, size: Size2): tf.Tensor4D {
  const { kernelSize, stride } = settings;
  const margins = marginsOf(settings);
  const inputGradient = backendInputGradient(settings)!;
  const run = (size: Size2, pad: 'same' | 'valid') =>
    inputGradient({ dy: R, kernel }, { size, stride, pad, depthwise: isDepthwise(settings) });
  if (isSamePadding(size, kernelSize, stride, margins)) return run(size, 'same');
  const [[top, bottom], [left, right]] = margins;
  return padSpace(run([size[0] + top + bottom, size[1] + left + right], 'valid'), [-top, -bottom], [-left, -right]);
}
