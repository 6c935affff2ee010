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
import { convolveGroups } from './grouped.js';
import type { Kernels } from './kernels.js';
import { arePatches, patchInputGradient } from './patches.js';
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
  if (arePatches(settings)) return patchInputGradient(R, kernel, settings, size);
  const { kernelSize, stride, dilation, groups, inChannels, outChannels } = settings;
  if (groups === 1 && Math.max(...kernelSize) === 1 && Math.max(...stride) > 1 && !('length' in flipped))
    return ofPixels(R, flipped, settings, size);
  const spreadR = bounded(spread(R, stride), boundOf(R));
  const ofInput = marginsOf(settings);
  const around = (i: 0 | 1): Size2 => {
    const before = dilation[i] * (kernelSize[i] - 1) - ofInput[i][0];
    return [before, size[i] - spreadR.shape[i + 1]! - before + dilation[i] * (kernelSize[i] - 1)];
  };
  const margins = [around(0), around(1)] as const;
  if ('length' in flipped) return winogradConvolve(spreadR, flipped, margins);
  const stock = { stride: [1, 1], dilation, margins, epilogue: noEpilogue } as const;
  const depthwise = isDepthwise(settings);
  if (groups > 1 && !depthwise) return convolveGroups(spreadR, flipped, groups, stock);
  const each = stockConvolve(spreadR, flipped, { ...stock, depthwise });
  const multiplier = outChannels / inChannels;
  return depthwise && multiplier > 1
    ? tf.sum<tf.Tensor4D>(tf.reshape(each, [each.shape[0], ...size, inChannels, multiplier]), 4)
    : each;
}

/** A 1×1 kernel sees single pixels of x: the others get zeros after the products, not before. */
function ofPixels(R: tf.Tensor4D, flipped: Kernel, settings: ConvolutionSettings, size: Size2): tf.Tensor4D {
  const none = [0, 0] as const;
  const stock = { stride: [1, 1], dilation: [1, 1], margins: [none, none], depthwise: false } as const;
  const each = stockConvolve(R, flipped, { ...stock, epilogue: noEpilogue });
  const whole = spread(each, settings.stride);
  const around = (i: 0 | 1): Size2 => {
    const [before] = marginsOf(settings)[i];
    return [-before, size[i] - whole.shape[i + 1]! + before];
  };
  return bounded(padSpace(whole, around(0), around(1)), boundOf(each));
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
