/**
 * Conv2d on stock kernels, and its gradients as forward kernels. NHWC, weights HWIO; a depthwise weight is [h,w,C,m].
 *
 * The input gradient is a forward convolution of the (spread) output gradient with the kernel turned by 180° and its
 * channels swapped: on WASM several times faster than TF.js's own gradient kernel, and for depthwise there is none.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ownKernel } from './own-kernels.js';
import { padSpace, spread, take, offsets, type Size2, type Window } from './windows.js';
import { winogradConvolve, winogradKernel, winogradPays } from './winograd.js';

/** Before and after, of rows and of columns. */
export type Margins = readonly [Size2, Size2];

export interface ConvolutionSettings extends Window {
  readonly padding: Size2;
  /** Zeros that a layer before puts around x; `padding` goes around them. */
  readonly frame?: Margins;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

type Kernel = tf.Tensor4D;

/** A convolution's weight as the engine wants it: forwards, and for the input gradient, see `turnKernel`. */
export interface Kernels {
  readonly kernel: Kernel;
  /** Null where the backend's own kernel gives the gradient, which wants none; sixteen matrices where it is computed by Winograd's. */
  readonly turned: Kernel | readonly tf.Tensor2D[] | null;
}

/** What is done to each of a convolution's sums. */
export interface Epilogue {
  readonly bias: tf.Tensor1D | null;
  readonly activation: 'linear' | 'relu' | 'relu6';
}

const plain: Epilogue = { bias: null, activation: 'linear' };

const isDepthwise = ({ groups, inChannels }: ConvolutionSettings): boolean => groups > 1 && groups === inChannels;

/** PyTorch's weight [out,in/groups,h,w], held like any 4-D tensor as [out,h,w,in/groups] → the engine's kernel. */
export function kernelFromWeight(weight: tf.Tensor4D, settings: ConvolutionSettings): Kernel {
  if (!isDepthwise(settings)) return tf.transpose(weight, [1, 2, 3, 0]);
  const [out, h, w] = weight.shape;
  return tf.transpose(tf.reshape(weight, [settings.groups, out / settings.groups, h, w]), [2, 3, 0, 1]);
}

/** The inverse of `kernelFromWeight`. */
export function weightFromKernel(kernel: Kernel, settings: ConvolutionSettings): tf.Tensor4D {
  if (!isDepthwise(settings)) return tf.transpose(kernel, [3, 0, 1, 2]);
  const [h, w, c, multiplier] = kernel.shape;
  return tf.reshape(tf.transpose(kernel, [2, 3, 0, 1]), [c * multiplier, h, w, 1]);
}

/** Both kernels of a weight [out,h,w,in/groups]. */
export function kernelsOf(weight: tf.Tensor4D, settings: ConvolutionSettings): Kernels {
  const kernel = kernelFromWeight(weight, settings);
  if (ownInputGradient(settings)) return { kernel, turned: null };
  const turned = turnKernel(kernel, settings);
  return { kernel, turned: isForWinograd(settings) ? winogradKernel(turned) : turned };
}

function isForWinograd({
  kernelSize,
  stride,
  dilation,
  groups,
  inChannels,
  outChannels,
}: ConvolutionSettings): boolean {
  const fits = groups === 1 && Math.max(...stride, ...dilation) === 1 && kernelSize[0] === 3 && kernelSize[1] === 3;
  return fits && winogradPays(inChannels, outChannels);
}

/** With the zeros of both kinds. */
function marginsOf({
  padding: [y, x],
  frame: [rows, columns] = [
    [0, 0],
    [0, 0],
  ],
}: ConvolutionSettings): Margins {
  return [
    [y + rows[0], y + rows[1]],
    [x + columns[0], x + columns[1]],
  ];
}

/** The first axis on which x [N,H,W,C] is smaller than the kernel's reach, null if none. */
export function tooSmallFor(
  settings: ConvolutionSettings,
  size: Size2,
): { readonly from: number; readonly reach: number } | null {
  for (const [i, [before, after]] of marginsOf(settings).entries()) {
    const reach = settings.dilation[i as 0 | 1] * (settings.kernelSize[i as 0 | 1] - 1) + 1;
    if (size[i as 0 | 1] + before + after < reach) return { from: size[i as 0 | 1], reach };
  }
  return null;
}

/** x [N,H,W,C] → [N,H',W',outChannels]. */
export function convolve(
  x: tf.Tensor4D,
  kernel: Kernel,
  settings: ConvolutionSettings,
  finish: Epilogue = plain,
): tf.Tensor4D {
  const { stride, dilation, groups } = settings;
  const spreadKernel = Math.max(...stride) > 1 && Math.max(...dilation) > 1;
  const pieces = spreadKernel ? dilateKernel(kernel, dilation) : kernel;
  const run = (part: tf.Tensor4D, pieces: Kernel, finish: Epilogue) =>
    stockConvolve(part, pieces, {
      stride,
      dilation: spreadKernel ? [1, 1] : dilation,
      margins: marginsOf(settings),
      depthwise: isDepthwise(settings),
      finish,
    });
  if (groups === 1 || isDepthwise(settings)) return run(x, pieces, finish);
  const kernels = tf.split<tf.Tensor4D>(pieces, groups, 3);
  return finished(
    tf.concat(
      tf.split<tf.Tensor4D>(x, groups, 3).map((part, g) => run(part, kernels[g]!, plain)),
      3,
    ),
    finish,
  );
}

/** The kernel turned by 180° with its channels swapped, [h,w,out,in/groups]; of a depthwise one [h,w,C·m,1]. */
export function turnKernel(kernel: Kernel, settings: ConvolutionSettings): Kernel {
  const turned = tf.reverse(kernel, [0, 1]);
  const [h, w, c, multiplier] = kernel.shape;
  return isDepthwise(settings) ? tf.reshape(turned, [h, w, c * multiplier, 1]) : tf.transpose(turned, [0, 1, 3, 2]);
}

/** The gradient of x, [N,...size,C], from R, that of the output. */
export function convolveInputGradient(
  R: tf.Tensor4D,
  { kernel, turned }: Kernels,
  settings: ConvolutionSettings,
  size: Size2,
): tf.Tensor4D {
  const { kernelSize, stride, dilation, groups, inChannels, outChannels } = settings;
  const margins = marginsOf(settings);
  if (turned === null) {
    const own = ownInputGradient(settings)!;
    const run = (size: Size2, pad: 'same' | 'valid') =>
      own({ dy: R, kernel }, { size, stride, pad, depthwise: isDepthwise(settings) });
    if (isSame(size, kernelSize, stride, margins)) return run(size, 'same');
    const [[top, bottom], [left, right]] = margins;
    return padSpace(run([size[0] + top + bottom, size[1] + left + right], 'valid'), [-top, -bottom], [-left, -right]);
  }
  const spreadR = spread(R, stride);
  const around = (i: 0 | 1): Size2 => {
    const before = dilation[i] * (kernelSize[i] - 1) - margins[i][0];
    return [before, size[i] - spreadR.shape[i + 1]! - before + dilation[i] * (kernelSize[i] - 1)];
  };
  if ('length' in turned) return winogradConvolve(spreadR, turned, [around(0), around(1)]);
  const run = (part: tf.Tensor4D, kernel: Kernel) =>
    stockConvolve(part, kernel, {
      stride: [1, 1],
      dilation,
      margins: [around(0), around(1)],
      depthwise: isDepthwise(settings),
      finish: plain,
    });
  if (isDepthwise(settings)) {
    const each = run(spreadR, turned);
    const multiplier = outChannels / inChannels;
    return multiplier === 1
      ? each
      : tf.sum<tf.Tensor4D>(tf.reshape(each, [each.shape[0], ...size, inChannels, multiplier]), 4);
  }
  if (groups === 1) return run(spreadR, turned);
  const kernels = tf.split<tf.Tensor4D>(turned, groups, 2);
  return tf.concat(
    tf.split<tf.Tensor4D>(spreadR, groups, 3).map((part, g) => run(part, kernels[g]!)),
    3,
  );
}

/** The backend's own kernel, if it has one and this is a case in which it is the faster one: where what stands above computes with the zeros between steps. */
function ownInputGradient(settings: ConvolutionSettings): ReturnType<typeof ownKernel<'ConvolutionInputGrad'>> {
  const { stride, dilation, groups } = settings;
  const serves = Math.max(...dilation) === 1 && (groups === 1 || isDepthwise(settings));
  return serves && Math.max(...stride) > 1 ? ownKernel('ConvolutionInputGrad') : null;
}

/** The gradient of the kernel: at each offset, the product of what the windows saw there with R. */
export function convolveKernelGradient(
  R: tf.Tensor4D,
  x: tf.Tensor4D,
  kernelShape: readonly number[],
  settings: ConvolutionSettings,
): Kernel {
  const { stride, groups } = settings;
  const padded = padSpace(x, ...marginsOf(settings));
  const [n, rows, columns, out] = R.shape;
  const flatR = tf.reshape(R, [n * rows * columns, out]);
  const slices = offsets(settings).map((offset) => {
    const seen = take(padded, offset, stride, [rows, columns]);
    const flat = tf.reshape(seen, [n * rows * columns, seen.shape[3]]);
    if (isDepthwise(settings)) {
      const multiplier = out / groups;
      return tf.sum(tf.mul(tf.reshape(flat, [-1, groups, 1]), tf.reshape(flatR, [-1, groups, multiplier])), 0);
    }
    if (groups === 1) return tf.matMul(flat, flatR, true);
    const [xs, Rs] = [tf.split(flat, groups, 1), tf.split(flatR, groups, 1)];
    return tf.concat(
      xs.map((part, g) => tf.matMul(part, Rs[g]!, true)),
      1,
    );
  });
  return tf.reshape<tf.Rank.R4>(tf.stack(slices), [...kernelShape] as [number, number, number, number]);
}

interface StockSettings {
  readonly stride: Size2;
  readonly dilation: Size2;
  readonly margins: Margins;
  readonly depthwise: boolean;
  readonly finish: Epilogue;
}

/** Explicit padding as 'same' where that is what it means, else as a pad layer before a 'valid' convolution. Negative margins crop. */
function stockConvolve(x: tf.Tensor4D, kernel: Kernel, settings: StockSettings): tf.Tensor4D {
  const { dilation, depthwise, finish } = settings;
  const [size, kernelSize]: [Size2, Size2] = [
    [x.shape[1], x.shape[2]],
    [kernel.shape[0], kernel.shape[1]],
  ];
  const { stride, margins } = withoutIdleSteps(size, kernelSize, settings);
  const same = Math.max(...dilation) === 1 && isSame(size, kernelSize, stride, margins);
  const input = same ? x : padSpace(x, ...margins);
  const pad = same ? 'same' : 'valid';
  const { bias, activation } = finish;
  const isFinished = bias === null && activation === 'linear';
  if (!isFinished && tf.getKernel(depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D', tf.getBackend())) {
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
  return isFinished ? y : finished(y, finish);
}

/**
 * Where only one window fits along an axis it takes no step there: what it does not see is cut off. TensorFlow 2.18 on the CPU
 * leaves numbers unwritten where x has one channel, and steps of more than one along an axis with one window.
 */
function withoutIdleSteps(
  size: Size2,
  kernelSize: Size2,
  { stride, dilation, margins }: Pick<StockSettings, 'stride' | 'dilation' | 'margins'>,
): Pick<StockSettings, 'stride' | 'margins'> {
  const axes = ([0, 1] as const).map((i) => {
    const [before, after] = margins[i];
    const reach = dilation[i] * (kernelSize[i] - 1) + 1;
    const isIdle = stride[i] > 1 && size[i] + before + after - reach < stride[i];
    return isIdle
      ? { step: 1, around: [before, reach - size[i] - before] as const }
      : { step: stride[i], around: margins[i] };
  });
  return { stride: [axes[0]!.step, axes[1]!.step], margins: [axes[0]!.around, axes[1]!.around] };
}

function finished(sums: tf.Tensor4D, { bias, activation }: Epilogue): tf.Tensor4D {
  const y: tf.Tensor4D = bias ? tf.add(sums, bias) : sums;
  if (activation === 'linear') return y;
  return activation === 'relu' ? tf.relu(y) : tf.relu6(y);
}

/**
 * Whether `margins` are what 'same' puts around an input: as little as every window needs, the odd one after. Not where the last
 * window leaves something over: wasm (XNNPACK) then answers zeros.
 */
function isSame(size: Size2, kernelSize: Size2, stride: Size2, margins: Margins): boolean {
  return margins.every(([before, after], i) => {
    const axis = i as 0 | 1;
    const missing = (Math.ceil(size[axis] / stride[axis]) - 1) * stride[axis] + kernelSize[axis] - size[axis];
    return missing >= 0 && before === Math.floor(missing / 2) && before + after === missing;
  });
}

/** TF.js refuses strides together with dilations: put the zeros into the kernel instead. */
function dilateKernel(kernel: Kernel, [dy, dx]: Size2): Kernel {
  const [h, w, i, o] = kernel.shape;
  const spreadKernel = spread(tf.reshape(kernel, [1, h, w, i * o]), [dy, dx]);
  const trimmed = padSpace(spreadKernel, [0, 1 - dy], [0, 1 - dx]);
  return tf.reshape(trimmed, [(h - 1) * dy + 1, (w - 1) * dx + 1, i, o]);
}
