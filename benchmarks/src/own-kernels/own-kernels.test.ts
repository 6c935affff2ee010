import { findBackend } from '@touchstone/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { convolution, layerGradient, linear, withoutKernel } from './own-kernels.js';

const found = await findBackend('tensorflow').probe();

const pool = (kernel: number, stride: number, padding: number, ceilMode: boolean) => ({
  type: 'MaxPool2d',
  attributes: {
    kernelSize: [kernel, kernel],
    stride: [stride, stride],
    padding: [padding, padding],
    dilation: [1, 1],
    ceilMode,
  },
});

describe.skipIf(found.status === 'unavailable')('a kernel of TensorFlow gives what our formula gives', () => {
  beforeAll(() => findBackend('tensorflow').open());

  it.each([
    { kernel: 'ReluGrad', layer: { type: 'ReLU', attributes: { inplace: false } } },
    { kernel: 'Relu6Grad', layer: { type: 'ReLU6', attributes: { inplace: false } } },
    { kernel: 'FirstMaximumGrad', layer: pool(3, 2, 1, false) },
    { kernel: 'FirstMaximumGrad', layer: pool(3, 2, 0, true) },
    { kernel: 'FirstMaximumGrad', layer: pool(3, 2, 0, false) },
    { kernel: 'FirstMaximumGrad', layer: pool(2, 2, 0, false) },
    { kernel: 'FirstMaximumGrad', layer: pool(3, 1, 1, false) },
    { kernel: 'ConvolutionInputGrad', layer: convolution(3, 2, { channels: 5 }) },
    { kernel: 'ConvolutionInputGrad', layer: convolution(1, 2, { channels: 5 }) },
    { kernel: 'ConvolutionInputGrad', layer: convolution(5, 2, { channels: 5, depthwise: true }) },
    { kernel: 'MatrixProduct', layer: linear(5 * 14 * 14, 7) },
  ])('$kernel in $layer', ({ kernel, layer }) => {
    const before = tf.memory().numTensors;
    const { gradient, dispose } = layerGradient(layer, [2, 5, 14, 14]);
    const plain = withoutKernel(kernel, () => layerGradient(layer, [2, 5, 14, 14]));
    const own = gradient();
    expect(own.some((value) => value !== 0)).toBe(true);
    let ran = 0;
    const counted = { ...tf.getKernel(kernel, 'tensorflow') };
    withoutKernel(kernel, () => {
      tf.registerKernel({ ...counted, kernelFunc: (given) => (ran++, counted.kernelFunc(given)) });
      expect(gradient()).toEqual(own);
      expect(ran).toBe(1);
      tf.unregisterKernel(kernel, 'tensorflow');
      const formula = plain.gradient();
      expect(formula).toHaveLength(own.length);
      // Where windows overlap the sums run in another order.
      for (const [i, value] of formula.entries()) expect(own[i]).toBeCloseTo(value, 5);
    });
    dispose();
    plain.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
