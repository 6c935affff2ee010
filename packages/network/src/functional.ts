/** Differentiable operations on variables, named as in `torch.nn.functional`. 4-D values are NHWC; `dim` counts NCHW. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from './autograd.js';
import { adaptivePoolMap, applyAxisMaps, averagePoolMap, type AxisMap } from './axis-maps.js';
import { convolve, convolveInputGradient, convolveKernelGradient, type ConvolutionSettings } from './convolution.js';
import { axisOf, constant, fromNchw, nchwShape, toNchw } from './door.js';
import type { GradientRules } from './rules.js';
import { offsets, padSpace, take, type Size2 } from './windows.js';

function result4(name: string, x: Variable, forward: (x: tf.Tensor4D) => tf.Tensor4D, backward: (R: tf.Tensor4D) => tf.Tensor4D): Variable {
  return Variable.result(name, tf.tidy(() => forward(x.value as tf.Tensor4D)), [x], (R) => [backward(R as tf.Tensor4D)]);
}

/** The weight is in the engine's layout: see `kernelFromWeight`. */
export function conv2d(x: Variable, weight: Variable, bias: Variable | null, settings: ConvolutionSettings): Variable {
  const [input, kernel] = [x.value as tf.Tensor4D, weight.value as tf.Tensor4D];
  const size: Size2 = [input.shape[1], input.shape[2]];
  const value = tf.tidy(() => {
    const y = convolve(input, kernel, settings);
    return bias ? tf.add(y, bias.value) : y;
  });
  return Variable.result('conv2d', value, bias ? [x, weight, bias] : [x, weight], (R4) => {
    const R = R4 as tf.Tensor4D;
    return [
      x.requiresGrad ? convolveInputGradient(R, kernel, settings, size) : null,
      weight.requiresGrad ? convolveKernelGradient(R, input, kernel.shape, settings) : null,
      bias?.requiresGrad ? tf.sum(R, [0, 1, 2]) : null,
    ];
  });
}

/** x [N,in], weight [out,in], bias [out] */
export function linear(x: Variable, weight: Variable, bias: Variable | null): Variable {
  const [input, w] = [x.value as tf.Tensor2D, weight.value as tf.Tensor2D];
  const value = tf.tidy(() => {
    const y = tf.matMul(input, w, false, true);
    return bias ? tf.add(y, bias.value) : y;
  });
  return Variable.result('linear', value, bias ? [x, weight, bias] : [x, weight], (R) => [
    x.requiresGrad ? tf.matMul(R as tf.Tensor2D, w) : null,
    weight.requiresGrad ? tf.matMul(R as tf.Tensor2D, input, true) : null,
    bias?.requiresGrad ? tf.sum(R, 0) : null,
  ]);
}

/** Batch normalisation with the stored statistics (eval). All four statistics are [C]. */
export function batchNorm(x: Variable, mean: tf.Tensor, variance: tf.Tensor, weight: Variable | null, bias: Variable | null, eps: number): Variable {
  const input = x.value;
  const inverseDeviation = () => tf.rsqrt(tf.add(variance, constant([eps], [])));
  const scale = () => (weight ? tf.mul(inverseDeviation(), weight.value) : inverseDeviation());
  const value = tf.tidy(() => {
    const s = scale();
    const shift = tf.neg(tf.mul(mean, s));
    return tf.add(tf.mul(input, s), bias ? tf.add(bias.value, shift) : shift);
  });
  const inputs = [x, ...(weight ? [weight] : []), ...(bias ? [bias] : [])];
  return Variable.result('batch_norm', value, inputs, (R) => [
    x.requiresGrad ? tf.mul(R, scale()) : null,
    ...(weight ? [weight.requiresGrad ? tf.sum(tf.mul(R, tf.mul(tf.sub(input, mean), inverseDeviation())), [0, 1, 2]) : null] : []),
    ...(bias ? [bias.requiresGrad ? tf.sum(R, [0, 1, 2]) : null] : []),
  ]);
}

/** `ceiling` 6 makes it ReLU6, whose derivative is 0 at both kinks. The rule belongs to this call. */
export function relu(x: Variable, rules: GradientRules, { ceiling = Infinity, inplace = false } = {}): Variable {
  const input = x.value;
  const value = ceiling === 6 ? tf.relu6(input) : tf.relu(input);
  const result = Variable.result(ceiling === 6 ? 'relu6' : 'relu', value, [x], (R) => {
    const positive = tf.step(value);
    return [rules.relu(R, ceiling === 6 ? tf.mul(positive, tf.step(tf.sub(constant([6], []), value))) : positive)];
  });
  if (!inplace) return result;
  x.become(result);
  return x;
}

export interface PoolSettings {
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding: Size2;
  readonly ceilMode: boolean;
}

/** PyTorch's output size; with `ceil_mode` the last window must begin inside the input or its left padding. */
function pooledSize(from: number, i: 0 | 1, { kernelSize, stride, padding, ceilMode }: PoolSettings, dilation = 1): number {
  const span = from + 2 * padding[i] - dilation * (kernelSize[i] - 1) - 1;
  const size = (ceilMode ? Math.ceil(span / stride[i]) : Math.floor(span / stride[i])) + 1;
  return ceilMode && (size - 1) * stride[i] >= from + padding[i] ? size - 1 : size;
}

export function maxPool2d(x: Variable, settings: PoolSettings & { readonly dilation: Size2 }, rules: GradientRules): Variable {
  const { kernelSize, stride, padding, dilation } = settings;
  const input = x.value as tf.Tensor4D;
  const [, h, w] = input.shape;
  const size: Size2 = [pooledSize(h, 0, settings, dilation[0]), pooledSize(w, 1, settings, dilation[1])];
  const end = (i: 0 | 1, from: number) => (size[i] - 1) * stride[i] + dilation[i] * (kernelSize[i] - 1) + 1 - padding[i] - from;
  const margins: [Size2, Size2] = [[padding[0], end(0, h)], [padding[1], end(1, w)]];
  const padded = () => padSpace(input, ...margins, -Infinity);
  const value = tf.tidy(() => {
    if (Math.max(...dilation) === 1) return tf.maxPool(padded(), [...kernelSize], [...stride], 'valid');
    return offsets(settings).map((offset) => take(padded(), offset, stride, size)).reduce((a, b) => tf.maximum(a, b));
  });
  return Variable.result('max_pool2d', value, [x], (R) => {
    const gradient = rules.maxPool(R as tf.Tensor4D, padded(), value, settings);
    const [[top], [left]] = margins;
    return [padSpace(gradient, [-top, h + top - gradient.shape[1]], [-left, w + left - gradient.shape[2]])];
  });
}

export function avgPool2d(x: Variable, settings: PoolSettings & { readonly countIncludePad: boolean; readonly divisorOverride: number | null }): Variable {
  const [, h, w] = x.shape as Size4;
  const axis = (i: 0 | 1, from: number) =>
    averagePoolMap(from, pooledSize(from, i, settings), {
      kernelSize: settings.kernelSize[i],
      stride: settings.stride[i],
      padding: settings.padding[i],
      divisor: (padded, inside) => (settings.divisorOverride ? [settings.divisorOverride, 1][i]! : settings.countIncludePad ? padded : inside),
    });
  return mapped('avg_pool2d', x, axis(0, h), axis(1, w));
}

export function adaptiveAvgPool2d(x: Variable, [rows, columns]: readonly [number | null, number | null]): Variable {
  const [, h, w] = x.shape as Size4;
  return mapped('adaptive_avg_pool2d', x, adaptivePoolMap(h, rows ?? h), adaptivePoolMap(w, columns ?? w));
}

type Size4 = [number, number, number, number];

function mapped(name: string, x: Variable, vertical: AxisMap, horizontal: AxisMap): Variable {
  return result4(name, x, (v) => applyAxisMaps(v, vertical, horizontal), (R) => applyAxisMaps(R, vertical, horizontal, true));
}

/** `padding` is left, right, top, bottom, as PyTorch orders it. */
export function zeroPad2d(x: Variable, [left, right, top, bottom]: readonly [number, number, number, number]): Variable {
  return result4('pad', x, (v) => padSpace(v, [top, bottom], [left, right]).clone(), (R) => padSpace(R, [-top, -bottom], [-left, -right]).clone());
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
  const value = tf.concat(parts.map((part) => part.value), axis);
  return Variable.result('cat', value, parts, (R) => tf.split(R, sizes, axis));
}

/** Joins NCHW dimensions, whatever the layout inside. A view, as in PyTorch. */
export function flatten(x: Variable, startDim: number, endDim: number): Variable {
  const from = nchwShape(x.shape);
  const at = (dim: number) => (dim < 0 ? dim + from.length : dim);
  const [start, end] = [at(startDim), at(endDim)];
  if (start === end) return x;
  const to = [...from.slice(0, start), from.slice(start, end + 1).reduce((a, b) => a * b, 1), ...from.slice(end + 1)];
  const reshaped = (v: tf.Tensor, shape: number[]) => tf.tidy(() => fromNchw(tf.reshape(toNchw(v), shape)).clone());
  return Variable.view('flatten', reshaped(x.value, to), x, (R) => [reshaped(R, from)], (view) =>
    Variable.result('unflatten', reshaped(view.value, from), [view], (R) => [reshaped(R, to)]),
  );
}

/** The same values under a node of its own, so that in-place operations behind it leave `x` alone. */
export function clone(x: Variable): Variable {
  return Variable.result('clone', x.value.clone(), [x], (R) => [R.clone()]);
}

/** Checks what PyTorch would refuse before TF.js gives a less helpful message. */
export function expectRank(x: Variable, rank: number, where: string): void {
  if (x.value.rank !== rank) {
    throw new TouchstoneError('bad-input', `${where} expects ${rank} dimensions and was given [${nchwShape(x.shape).join(',')}]`);
  }
}
