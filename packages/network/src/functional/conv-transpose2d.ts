import * as tf from '@tensorflow/tfjs-core';
import type { OpAttributes } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { convolve } from '../ops/convolution/convolve.js';
import { convolveInputGradient } from '../ops/convolution/input-gradient.js';
import { cachedKernels } from '../ops/convolution/kernel-cache.js';
import { convolveKernelGradient } from '../ops/convolution/kernel-gradient.js';
import { weightFromKernel, type Kernels } from '../ops/convolution/kernels.js';
import type { ConvolutionSettings } from '../ops/convolution/settings.js';
import { bounded, boundOf, usefulBoundOf } from '../ops/magnitude.js';
import type { Size2 } from '../ops/windows.js';
import { tooSmall } from './too-small.js';

type Attributes = OpAttributes<'conv_transpose2d'>;

/**
 * `F.conv_transpose2d`: the input gradient of the convolution from [N,...size,out] to x [N,h,w,C] with the same weight
 * [C,kh,kw,out/groups]. Its own gradient is that convolution.
 *
 * @throws `bad-input` where nothing is left of the output
 */
export function convTranspose2d(
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  attributes: Attributes,
): Variable {
  const input = x.value as tf.Tensor4D;
  const w = weight.value as tf.Tensor4D;
  const [, rows, columns] = input.shape;
  const [, height, width] = w.shape;
  const size = transposedSize([rows, columns], [height, width], attributes);
  if (Math.min(...size) < 1) throw tooSmall('transposed convolution', Math.min(rows, columns), Math.max(height, width));
  const { kernels, settings } = transposedKernels(w, attributes);
  const value = tf.tidy(() => {
    const y = convolveInputGradient(input, kernels, settings, size);
    return bias ? bounded(tf.add(y, bias.value), boundOf(y) + usefulBoundOf(bias.value)) : y;
  });
  return Variable.result(
    'conv_transpose2d',
    value,
    [x, weight, bias],
    (R4) => {
      const R = R4 as tf.Tensor4D;
      return [
        x.requiresGrad ? cropped(convolve(R, kernels.kernel, settings), [rows, columns]) : null,
        weight.requiresGrad
          ? weightFromKernel(convolveKernelGradient(input, R, kernels.kernel.shape, settings), settings)
          : null,
        bias?.requiresGrad ? tf.sum(R, [0, 1, 2]) : null,
      ];
    },
    [x, weight],
  );
}

/** (from − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1 */
export function transposedSize(
  from: Size2,
  kernelSize: Size2,
  { stride, padding, dilation, outputPadding }: Omit<Attributes, 'groups'>,
): Size2 {
  const along = (i: 0 | 1) =>
    (from[i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernelSize[i] - 1) + outputPadding[i] + 1;
  return [along(0), along(1)];
}

/** Windows that only output padding of a whole stride makes are no part of x. */
function cropped(x: tf.Tensor4D, [rows, columns]: Size2): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  return h === rows && w === columns ? x : bounded(tf.slice(x, [0, 0, 0, 0], [n, rows, columns, c]), boundOf(x));
}

/** Made once for a weight that stays. @param weight [C,h,w,out/groups] */
export function transposedKernels(
  weight: tf.Tensor4D,
  { stride, padding, dilation, groups }: Attributes,
): { kernels: Kernels; settings: ConvolutionSettings } {
  const [outChannels, height, width, perGroup] = weight.shape;
  const settings = {
    stride,
    padding,
    dilation,
    groups,
    kernelSize: [height, width],
    inChannels: perGroup * groups,
    outChannels,
  } as const;
  return { kernels: cachedKernels(weight, settings, 'transposed convolution'), settings };
}
