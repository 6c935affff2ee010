import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from '../magnitude.js';
import { padSpace, spread, type Size2 } from '../windows.js';
import {
  isDepthwise,
  marginsOf,
  noEpilogue,
  type ConvolutionSettings,
  type Epilogue,
  type Kernel,
} from './settings.js';
import { applyEpilogue, stockConvolve } from './stock-convolution.js';

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
  const run = (part: tf.Tensor4D, kernel: Kernel, epilogue: Epilogue) =>
    stockConvolve(bounded(part, boundOf(x)), kernel, {
      stride,
      dilation: spreadsKernel ? [1, 1] : dilation,
      margins: marginsOf(settings),
      depthwise: isDepthwise(settings),
      epilogue,
    });
  if (groups === 1 || isDepthwise(settings)) return run(x, dilated, epilogue);
  const kernels = tf.split<tf.Tensor4D>(dilated, groups, 3);
  const parts = tf.split<tf.Tensor4D>(x, groups, 3).map((part, g) => run(part, kernels[g]!, noEpilogue));
  return applyEpilogue(tf.concat(parts, 3), epilogue);
}

/** TF.js refuses strides together with dilations: put the zeros into the kernel instead. */
function dilateKernel(kernel: Kernel, [dy, dx]: Size2): Kernel {
  const [h, w, i, o] = kernel.shape;
  const spreadKernel = spread(tf.reshape(kernel, [1, h, w, i * o]), [dy, dx]);
  const trimmed = padSpace(spreadKernel, [0, 1 - dy], [0, 1 - dx]);
  return tf.reshape(trimmed, [(h - 1) * dy + 1, (w - 1) * dx + 1, i, o]);
}
