import * as tf from '@tensorflow/tfjs-core';
import { padSpace, spread, type Size2 } from '../windows.js';
import {
  isDepthwise,
  marginsOf,
  noEpilogue,
  type ConvolutionSettings,
  type Epilogue,
  type Kernel,
} from './settings.js';
import { convolveGroups } from './grouped.js';
import { stockConvolve } from './stock-convolution.js';

/** x [N,H,W,inChannels] → [N,H',W',outChannels]. */
export function convolve(
  x: tf.Tensor4D,
  kernel: Kernel,
  settings: ConvolutionSettings,
  epilogue: Epilogue = noEpilogue,
): tf.Tensor4D {
  const { stride, dilation, groups } = settings;
  const spreadsKernel = Math.max(...stride) > 1 && Math.max(...dilation) > 1;
  const dilated = spreadsKernel ? dilateKernel(kernel, dilation) : kernel;
  const depthwise = isDepthwise(settings);
  const stock = {
    stride,
    epilogue,
    margins: marginsOf(settings),
    dilation: spreadsKernel ? ([1, 1] as const) : dilation,
  };
  return groups === 1 || depthwise
    ? stockConvolve(x, dilated, { ...stock, depthwise })
    : convolveGroups(x, dilated, groups, stock);
}

/** TF.js refuses strides together with dilations: put the zeros into the kernel instead. */
function dilateKernel(kernel: Kernel, [dy, dx]: Size2): Kernel {
  const [h, w, i, o] = kernel.shape;
  const spreadKernel = spread(tf.reshape(kernel, [1, h, w, i * o]), [dy, dx]);
  const trimmed = padSpace(spreadKernel, [0, 1 - dy], [0, 1 - dx]);
  return tf.reshape(trimmed, [(h - 1) * dy + 1, (w - 1) * dx + 1, i, o]);
}
