import * as tf from '@tensorflow/tfjs-core';
import { kernelsOf } from '../ops/convolution/kernels.js';
import type { ConvolutionSettings } from '../ops/convolution/settings.js';
import { conv2d } from '../functional/functional.js';
import { Variable } from '../autograd/variable.js';
import { map, ourGradient, stockGradient, type Probe } from './probe.js';

/** One output channel a group. */
function settingsOf(x: tf.Tensor, groups: number, padding: number): ConvolutionSettings {
  return {
    kernelSize: [2, 2],
    stride: [1, 1],
    dilation: [1, 1],
    padding: [padding, padding],
    groups,
    inChannels: x.shape[3]!,
    outChannels: groups,
  };
}

function ourConvolution(x: Variable, weight: Variable, groups = 1, padding = 0): Variable {
  const settings = settingsOf(x.value, groups, padding);
  return conv2d(x, weight, null, kernelsOf(weight.value as tf.Tensor4D, settings), settings);
}

/** PyTorch's weight [out,in/groups,h,w], here [out,h,w,in/groups] → TF.js's [h,w,in,out], depthwise [h,w,C,1]. */
const stockKernel = (weight: tf.Tensor): tf.Tensor4D => tf.transpose(weight as tf.Tensor4D, [1, 2, 3, 0]);
const stockDepthwiseKernel = (weight: tf.Tensor): tf.Tensor4D => tf.transpose(weight as tf.Tensor4D, [1, 2, 0, 3]);

export const convolution: Readonly<Record<string, Probe>> = {
  'convolution-padding': {
    stock: (inputs) => tf.conv2d(map(inputs, 'x'), stockKernel(inputs['w']!), 1, 1, 'NHWC', 1, 'floor'),
    ours: ({ x, w }) => ourConvolution(Variable.leaf(x!), Variable.leaf(w!), 1, 1).value,
  },
  'convolution-kernel-gradient': {
    stock: (inputs) =>
      stockGradient((w) => tf.conv2d(map(inputs, 'x'), stockKernel(w), 1, 'valid'), inputs['w']!, inputs['R']),
    ours: ({ x, w, R }) => ourGradient((weight) => ourConvolution(Variable.leaf(x!), weight), w!, R),
  },
  'depthwise-input-gradient': {
    stock: ({ x, w, R }) =>
      stockGradient((input) => tf.depthwiseConv2d(input as tf.Tensor4D, stockDepthwiseKernel(w!), 1, 'valid'), x!, R),
    ours: ({ x, w, R }) => ourGradient((input) => ourConvolution(input, Variable.leaf(w!), 2), x!, R),
  },
};
