/** Differentiable operations on variables, named as in `torch.nn.functional`. 4-D values are NHWC; `dim` counts NCHW. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { adaptivePoolMap, applyAxisMaps, averagePoolMap, bilinearMap, type AxisMap } from '../kernels/axis-maps.js';
import {
  convolve,
  convolveInputGradient,
  convolveKernelGradient,
  tooSmallFor,
  weightFromKernel,
  type ConvolutionSettings,
  type Epilogue,
  type Kernels,
} from '../kernels/convolution.js';
import { axisOf, constant, fromNchw, nchwShape, toNchw } from '../layout.js';
import { affineOf, inverseDeviation, type Affine } from '../kernels/normalisation.js';
import { ownKernel } from '../kernels/own-kernels.js';
import { hasPlainRelu, plainRelu, type GradientRules } from '../rules.js';
import { offsets, padSpace, take, type Size2 } from '../kernels/windows.js';

function result4(
  name: string,
  x: Variable,
  forward: (x: tf.Tensor4D) => tf.Tensor4D,
  backward: (R: tf.Tensor4D) => tf.Tensor4D,
  saves: readonly Variable[] = [],
): Variable {
  const input = x.value as tf.Tensor4D;
  return Variable.result(
    name,
    tf.tidy(() => forward(input)),
    [x],
    (R) => [backward(R as tf.Tensor4D)],
    saves,
  );
}

/** `weight` is null where nobody asks for its gradient; its values are in `kernels`. */
export function conv2d(
  x: Variable,
  weight: Variable | null,
  bias: Variable | null,
  kernels: Kernels,
  settings: ConvolutionSettings,
): Variable {
  const input = x.value as tf.Tensor4D;
  const size = sizeFor(settings, input);
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
    [x],
  );
}

/** A convolution of weights that nobody watches, and the ReLU after it under the plain rule, as one operation: nothing in between is kept. */
export function fusedConv2d(x: Variable, kernels: Kernels, settings: ConvolutionSettings, finish: Epilogue): Variable {
  const input = x.value as tf.Tensor4D;
  const size = sizeFor(settings, input);
  const { activation } = finish;
  const value = tf.tidy(() => convolve(input, kernels.kernel, settings, finish));
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

/** Rows and columns. @throws `bad-input` */
function sizeFor(settings: ConvolutionSettings, { shape: [, rows, columns] }: tf.Tensor4D): Size2 {
  const tooFew = tooSmallFor(settings, [rows, columns]);
  if (tooFew) throw tooSmall('convolution', tooFew.from, tooFew.reach);
  return [rows, columns];
}

/** x [N,in], weight [out,in], bias [out]. Recorded as PyTorch does: the weight's transposition is an operation of its own. */
export function linear(x: Variable, weight: Variable, bias: Variable | null): Variable {
  if (x.shape.length !== 2)
    throw new TouchstoneError(
      'unsupported',
      `a linear layer is given ${x.shape.length} dimensions; only [pictures, features] are supported`,
      'Flatten first.',
    );
  const [input, w] = [x.value as tf.Tensor2D, weight.value as tf.Tensor2D];
  const turned = Variable.result('t', w, [weight], (R) => [tf.transpose(R)]);
  const value = tf.tidy(() => {
    const y = product(input, w, true);
    return bias ? tf.add(y, bias.value) : y;
  });
  return Variable.result(
    'addmm',
    value,
    [bias, x, turned],
    (R) => [
      bias?.requiresGrad ? tf.sum(R, 0) : null,
      x.requiresGrad ? product(R as tf.Tensor2D, w, false) : null,
      turned.requiresGrad ? tf.matMul(input, R as tf.Tensor2D, true) : null,
    ],
    weight.requiresGrad ? [x] : [],
  );
}

/** x·w, or x·wᵀ. A backend's own kernel pays (benchmarks/README.md) for one row, and where nothing is transposed. */
function product(x: tf.Tensor2D, w: tf.Tensor2D, transposed: boolean): tf.Tensor2D {
  const own = x.shape[0] === 1 || !transposed ? ownKernel('MatrixProduct') : null;
  return own ? own({ a: x, b: w }, { transposeB: transposed }) : tf.matMul(x, w, false, transposed);
}

/** Batch normalisation with the stored statistics (eval), [C] each. @param known what they come to, where that is known already */
export function batchNorm(
  x: Variable,
  mean: tf.Tensor,
  variance: tf.Tensor,
  weight: Variable | null,
  bias: Variable | null,
  eps: number,
  known: Affine | null = null,
): Variable {
  if (x.shape.at(-1) !== mean.shape[0])
    throw new TouchstoneError(
      'bad-input',
      `batch normalisation over ${mean.shape[0]} channels is given ${x.shape.at(-1)}`,
    );
  const input = x.value;
  const { scale, shift } =
    known ??
    tf.tidy(() => ({ ...affineOf({ mean, variance, weight: weight?.value ?? null, bias: bias?.value ?? null, eps }) }));
  const value = tf.tidy(() => tf.add(tf.mul(input, scale), shift));
  return Variable.result(
    'batch_norm',
    value,
    [x, weight, bias],
    (R) => [
      x.requiresGrad ? tf.mul(R, scale) : null,
      weight?.requiresGrad
        ? tf.sum(tf.mul(R, tf.mul(tf.sub(input, mean), inverseDeviation({ variance, eps }))), [0, 1, 2])
        : null,
      bias?.requiresGrad ? tf.sum(R, [0, 1, 2]) : null,
    ],
    [x],
  );
}

/**
 * `ceiling` 6 makes it ReLU6, whose derivative is 0 at both kinks. The rule belongs to this call. As in PyTorch the
 * gradient of ReLU needs its output unchanged, that of ReLU6 its input, unless it is done in place.
 */
export function relu(x: Variable, rules: GradientRules, { ceiling = Infinity, inplace = false } = {}): Variable {
  const isRelu6 = ceiling === 6;
  const input = x.value;
  const value = isRelu6 ? tf.relu6(input) : tf.relu(input);
  const backward = (R: tf.Tensor): tf.Tensor[] => [
    hasPlainRelu(rules)
      ? plainReluGradient(R, value, isRelu6)
      : rules.relu(R, rules.atRelu(reluDerivative(value, isRelu6), input)),
  ];
  if (!inplace) return Variable.result(isRelu6 ? 'relu6' : 'relu', value, [x], backward, [isRelu6 ? x : 'output']);
  x.changeInPlace(isRelu6 ? 'relu6_' : 'relu_', value, [], backward, { savesOutput: !isRelu6 });
  return x;
}

/** 1{0<y} or 1{0<y<6}, of the output y: for ReLU6 of y·(6−y), which is 0 nowhere else. */
function reluDerivative(y: tf.Tensor, isRelu6: boolean): tf.Tensor {
  return tf.step(isRelu6 ? tf.mul(y, tf.sub(constant([6], []), y)) : y);
}

function plainReluGradient(R: tf.Tensor, y: tf.Tensor, isRelu6: boolean): tf.Tensor {
  const own = ownKernel(isRelu6 ? 'Relu6Grad' : 'ReluGrad');
  return own ? own({ dy: R, x: y }) : plainRelu(R, reluDerivative(y, isRelu6));
}

export interface PoolSettings {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding: Size2;
  readonly ceilMode: boolean;
}

/** PyTorch's output size; with `ceil_mode` the last window must begin inside the input or its left padding. */
function pooledSize(
  from: number,
  i: 0 | 1,
  { kernelSize, stride, padding, ceilMode }: PoolSettings,
  dilation = 1,
): number {
  const span = from + 2 * padding[i] - dilation * (kernelSize[i] - 1) - 1;
  const size = (ceilMode ? Math.ceil(span / stride[i]) : Math.floor(span / stride[i])) + 1;
  if (size < 1) throw tooSmall('pooling', from, kernelSize[i]);
  return ceilMode && (size - 1) * stride[i] >= from + padding[i] ? size - 1 : size;
}

function tooSmall(what: string, from: number, kernel: number): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    `${what} with a kernel of ${kernel} has no output on an input of ${from}`,
    'Give a larger picture.',
  );
}

export function maxPool2d(
  x: Variable,
  settings: PoolSettings & { readonly dilation: Size2 },
  rules: GradientRules,
): Variable {
  const { kernelSize, stride, padding, dilation } = settings;
  const input = x.value as tf.Tensor4D;
  const [, h, w] = input.shape;
  const size: Size2 = [pooledSize(h, 0, settings, dilation[0]), pooledSize(w, 1, settings, dilation[1])];
  const end = (i: 0 | 1, from: number) =>
    (size[i] - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1 - padding[i] - from;
  const margins: [Size2, Size2] = [
    [padding[0], end(0, h)],
    [padding[1], end(1, w)],
  ];
  const padded = () => padSpace(input, ...margins, -Infinity);
  const value = tf.tidy(() => {
    if (Math.max(...dilation) === 1) return tf.maxPool(padded(), [...kernelSize], [...stride], 'valid');
    return offsets(settings)
      .map((offset) => take(padded(), offset, stride, size))
      .reduce((a, b) => tf.maximum(a, b));
  });
  return Variable.result(
    'max_pool2d',
    value,
    [x],
    (R) => {
      const gradient = rules.maxPool(R as tf.Tensor4D, ...rules.atMaxPool(padded(), value), settings);
      const [[top], [left]] = margins;
      return [padSpace(gradient, [-top, h + top - gradient.shape[1]], [-left, w + left - gradient.shape[2]])];
    },
    [x],
  );
}

export function avgPool2d(
  x: Variable,
  settings: PoolSettings & { readonly countIncludePad: boolean; readonly divisorOverride: number | null },
): Variable {
  const [, h, w] = x.shape as Size4;
  const axis = (i: 0 | 1, from: number) =>
    averagePoolMap(from, pooledSize(from, i, settings), {
      kernelSize: settings.kernelSize[i],
      stride: settings.stride[i],
      padding: settings.padding[i],
      divisor: (padded, inside) =>
        settings.divisorOverride ? [settings.divisorOverride, 1][i]! : settings.countIncludePad ? padded : inside,
    });
  return mapped('avg_pool2d', x, axis(0, h), axis(1, w), [x]);
}

export function adaptiveAvgPool2d(x: Variable, [rows, columns]: readonly [number | null, number | null]): Variable {
  const [, h, w] = x.shape as Size4;
  // To one pixel PyTorch takes the mean, which keeps nothing.
  const saves = rows === 1 && columns === 1 ? [] : [x];
  return mapped('adaptive_avg_pool2d', x, adaptivePoolMap(h, rows ?? h), adaptivePoolMap(w, columns ?? w), saves);
}

/** With half-pixel centres: `F.interpolate(mode='bilinear', align_corners=False)`. [N,h,w,C] → [N,...size,C]. */
export function interpolateBilinear(x: Variable, size: Size2): Variable {
  const [, h, w] = x.shape as Size4;
  return mapped('upsample_bilinear2d', x, bilinearMap(size[0], h), bilinearMap(size[1], w), []);
}

type Size4 = [number, number, number, number];

function mapped(
  name: string,
  x: Variable,
  vertical: AxisMap,
  horizontal: AxisMap,
  saves: readonly Variable[],
): Variable {
  return result4(
    name,
    x,
    (v) => applyAxisMaps(v, vertical, horizontal),
    (R) => applyAxisMaps(R, vertical, horizontal, true),
    saves,
  );
}

/** `padding` is left, right, top, bottom, as PyTorch orders it. */
export function zeroPad2d(
  x: Variable,
  [left, right, top, bottom]: readonly [number, number, number, number],
): Variable {
  return result4(
    'pad',
    x,
    (v) => padSpace(v, [top, bottom], [left, right]).clone(),
    (R) => padSpace(R, [-top, -bottom], [-left, -right]).clone(),
  );
}

export function add(a: Variable, b: Variable): Variable {
  return Variable.result('add', tf.add(a.value, b.value), [a, b], (R) => [sumTo(R, a.shape), sumTo(R, b.shape)]);
}

/** Undoes broadcasting: the gradient of a broadcast operand is the sum over what it was broadcast along. */
function sumTo(R: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const missing = R.rank - shape.length;
  const axes = R.shape.flatMap((n, i) => (i < missing || (shape[i - missing] === 1 && n !== 1) ? [i] : []));
  return axes.length === 0 ? R.clone() : tf.reshape(tf.sum(R, axes), [...shape]);
}

export function cat(parts: readonly Variable[], dim: number): Variable {
  const axis = axisOf(dim, parts[0]!.value.rank);
  const sizes = parts.map((part) => part.shape[axis]!);
  const value = tf.concat(
    parts.map((part) => part.value),
    axis,
  );
  return Variable.result('cat', value, parts, (R) => tf.split(R, sizes, axis));
}

/** Elementwise; equal shapes or one of them a single number. */
export function mul(a: Variable, b: Variable): Variable {
  const [x, y] = [a.value, b.value];
  return Variable.result(
    'mul',
    tf.mul(x, y),
    [a, b],
    (R) => [sumTo(tf.mul(R, y), a.shape), sumTo(tf.mul(R, x), b.shape)],
    [...(b.requiresGrad ? [a] : []), ...(a.requiresGrad ? [b] : [])],
  );
}

/** x·by */
export function scale(x: Variable, by: number): Variable {
  const times = (value: tf.Tensor) => tf.tidy(() => tf.mul(value, constant([by], [])));
  return Variable.result('scale', times(x.value), [x], (R) => [times(R)]);
}

/** Joins NCHW dimensions, whatever the layout inside. A view, as in PyTorch. */
export function flatten(x: Variable, startDim: number, endDim: number): Variable {
  const from = nchwShape(x.shape);
  const at = (dim: number) => (dim < 0 ? dim + from.length : dim);
  const [start, end] = [at(startDim), at(endDim)];
  if (start === end) return x;
  const to = [...from.slice(0, start), from.slice(start, end + 1).reduce((a, b) => a * b, 1), ...from.slice(end + 1)];
  const reshaped = (v: tf.Tensor, shape: number[]) => tf.tidy(() => fromNchw(tf.reshape(toNchw(v), shape)).clone());
  return Variable.view(
    'flatten',
    x,
    (v) => reshaped(v, to),
    (v) => reshaped(v, from),
  );
}

/** The same values under a node of its own, so that in-place operations behind it leave `x` alone. */
export function clone(x: Variable): Variable {
  return Variable.result('clone', x.value.clone(), [x], (R) => [R.clone()]);
}

/**
 * A leaf whose gradient is that of `x` as everybody who holds `x` uses it from now on: a zero that is added in place.
 * Its value is `x`'s at this moment.
 */
export function tap(x: Variable): Variable {
  const zero = Variable.leaf(x.value, { requiresGrad: true });
  x.changeInPlace('tap', x.value.clone(), [zero], (R) => [x.requiresGrad ? R.clone() : null, R.clone()]);
  return zero;
}
