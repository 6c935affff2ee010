/** For tests, also those of methods: exact data, small networks, and gradients in one call. */
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkDescription } from '@touchstone/contract';
import { grad } from './autograd/backward.js';
import { Variable } from './autograd/variable.js';
import type { ConvolutionSettings } from './ops/convolution/settings.js';

export { transformer, transformerGrid, transformerTokens, transformerWeights } from './testing-transformer.js';

/** Integers in [−3, 3], so that float32 sums are exact; zeros, ties and both signs occur. */
export function integers(shape: readonly number[], seed = 0): tf.Tensor {
  const size = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => (((i + 1) * 7919 + seed * 104_729 + i * i) % 7) - 3),
    [...shape],
    'float32',
  );
}

export function integers4(shape: readonly [number, number, number, number], seed = 0): tf.Tensor4D {
  return integers(shape, seed) as tf.Tensor4D;
}

/** One channel of one image, row by row: [1,H,W,1]. */
export function image(rows: readonly (readonly number[])[]): tf.Tensor4D {
  return tf.tensor4d(rows.flat(), [1, rows.length, rows[0]!.length, 1]);
}

/** With 0 for −0, which `toEqual` distinguishes. */
export function values(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync(), (value) => value + 0);
}

export function dot(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0]!);
}

export function start(value: tf.Tensor): Variable {
  return Variable.leaf(value, { requiresGrad: true });
}

/** y = run(x), and the gradient of Σ y·R with respect to x; R is ones where none is given. */
export function withGradient(
  run: (x: Variable) => Variable,
  x: tf.Tensor,
  R?: tf.Tensor,
): { y: tf.Tensor; gradient: tf.Tensor } {
  const input = start(x);
  const output = run(input);
  const [gradient] = grad(output, R ?? tf.onesLike(output.value), [input]);
  return { y: output.value, gradient: gradient! };
}

/** 3×3, and nothing else of note. */
export const plainConvolution: ConvolutionSettings = {
  kernelSize: [3, 3],
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
  inChannels: 1,
  outChannels: 1,
};

type Modules = NetworkDescription['modules'];
export type Leaf = { type: string; attributes: Record<string, unknown> };

/** @param more replaces fields, such as the shape of the input */
export function description(modules: Modules, more: Partial<NetworkDescription> = {}): NetworkDescription {
  return {
    format: 'touchstone-network',
    version: 1,
    name: 'test',
    why: 'a test',
    input: { shape: [1, 2, 2] },
    modules,
    ...more,
  };
}

/** Leaves called one after another, each by its own path. */
export function chain(leaves: Record<string, Leaf>): Modules {
  const names = Object.keys(leaves);
  const calls = names.map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] }));
  return { '': { type: 'Sequential', inputs: ['v0'], calls, output: `v${names.length}` }, ...leaves };
}

export const leaf = {
  relu: { type: 'ReLU', attributes: { inplace: false } },
  reluInplace: { type: 'ReLU', attributes: { inplace: true } },
  identity: { type: 'Identity', attributes: {} },
  flatten: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
  average: { type: 'AdaptiveAvgPool2d', attributes: { outputSize: [1, 1] } },
  linear: (inFeatures: number, outFeatures: number, bias = true) => ({
    type: 'Linear',
    attributes: { inFeatures, outFeatures, bias },
  }),
  conv: (inChannels: number, outChannels: number, kernel = 1, groups = 1) => ({
    type: 'Conv2d',
    attributes: {
      inChannels,
      outChannels,
      kernelSize: [kernel, kernel],
      stride: [1, 1],
      padding: [0, 0],
      dilation: [1, 1],
      groups,
      bias: true,
    },
  }),
  maxPool: (height: number, width: number) => ({
    type: 'MaxPool2d',
    attributes: {
      kernelSize: [height, width],
      stride: [height, width],
      padding: [0, 0],
      dilation: [1, 1],
      ceilMode: false,
    },
  }),
};

export { checkGradients, type GradientCheck } from './modules/ops/check-gradients.js';
export { opExamples, type OpExample } from './modules/ops/examples.js';
