import * as tf from '@tensorflow/tfjs-core';
import type { OpAttributes } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { convolve } from '../ops/convolution/convolve.js';
import { convolveInputGradient } from '../ops/convolution/input-gradient.js';
import { cachedKernels } from '../ops/convolution/kernel-cache.js';
import { convolveKernelGradient } from '../ops/convolution/kernel-gradient.js';
import { weightFromKernel, type Kernels } from '../ops/convolution/kernels.js';
import { tooSmallFor, type ConvolutionSettings, type Epilogue } from '../ops/convolution/settings.js';
import type { Size2 } from '../ops/windows.js';
import { plainReluGradient } from './relu.js';
import { tooSmall } from './too-small.js';

/**
 * x [N,H,W,C] → [N,H',W',outChannels].
 *
 * @param weight null where its gradient is not needed; its values are in `kernels`
 * @throws `bad-input` where x is smaller than the kernel's extent
 */
export function conv2d(
  x: Variable,
  weight: Variable | null,
  bias: Variable | null,
  kernels: Kernels,
  settings: ConvolutionSettings,
): Variable {
  const input = x.value as tf.Tensor4D;
  const size = checkedSize(settings, input);
  const value = tf.tidy(() =>
    convolve(input, kernels.kernel, settings, {
      bias: (bias?.value ?? null) as tf.Tensor1D | null,
      activation: 'linear',
    }),
  );
  return Variable.result(
    'conv2d',
    value,
    [x, weight, bias],
    (R4) => {
      const R = R4 as tf.Tensor4D;
      return [
        x.requiresGrad ? convolveInputGradient(R, kernels, settings, size) : null,
        weight?.requiresGrad
          ? weightFromKernel(convolveKernelGradient(R, input, kernels.kernel.shape, settings), settings)
          : null,
        bias?.requiresGrad ? tf.sum(R, [0, 1, 2]) : null,
      ];
    },
    weight ? [x, weight] : [x],
  );
}

/** `F.conv2d` of a weight that is a variable, [out,h,w,C/groups]. Shapes and errors as `conv2d`. */
export function conv2dOfWeight(
  x: Variable,
  weight: Variable,
  bias: Variable | null,
  attributes: OpAttributes<'conv2d'>,
): Variable {
  const { kernels, settings } = kernelsOfWeight(weight.value as tf.Tensor4D, attributes);
  return conv2d(x, weight, bias, kernels, settings);
}

/** Made once for a weight that stays. @param weight [out,h,w,in/groups] */
export function kernelsOfWeight(
  weight: tf.Tensor4D,
  attributes: OpAttributes<'conv2d'>,
): { kernels: Kernels; settings: ConvolutionSettings } {
  const [outChannels, height, width, perGroup] = weight.shape;
  const inChannels = perGroup * attributes.groups;
  const settings = { ...attributes, kernelSize: [height, width], inChannels, outChannels } as const;
  return { kernels: cachedKernels(weight, settings, 'convolution'), settings };
}

/**
 * A convolution whose weights need no gradient, and the ReLU after it under the plain rule, as one operation: the
 * values in between are not kept. Shapes and errors as `conv2d`.
 */
export function fusedConv2d(
  x: Variable,
  kernels: Kernels,
  settings: ConvolutionSettings,
  epilogue: Epilogue,
): Variable {
  const input = x.value as tf.Tensor4D;
  const size = checkedSize(settings, input);
  const { activation } = epilogue;
  const value = tf.tidy(() => convolve(input, kernels.kernel, settings, epilogue));
  const name = activation === 'linear' ? 'conv2d' : `conv2d and ${activation}`;
  return Variable.result(
    name,
    value,
    [x],
    (R) => {
      const ofSums = activation === 'linear' ? R : plainReluGradient(R, value, activation === 'relu6');
      return [convolveInputGradient(ofSums as tf.Tensor4D, kernels, settings, size)];
    },
    [...(settings.frame ? [] : [x]), ...(activation === 'relu' ? ['output' as const] : [])],
  );
}

/** Rows and columns of x. @throws `bad-input` */
function checkedSize(settings: ConvolutionSettings, { shape: [, rows, columns] }: tf.Tensor4D): Size2 {
  const tooFew = tooSmallFor(settings, [rows, columns]);
  if (tooFew) throw tooSmall('convolution', tooFew.from, tooFew.extent);
  return [rows, columns];
}
