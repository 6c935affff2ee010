import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { loadNetwork } from '../../modules/network.js';
import { description, integers4, plainConvolution, start } from '../../testing.js';
import { cachedKernels, disposeKernels } from './kernel-cache.js';

beforeAll(() => tf.setBackend('cpu'));

const settings = { ...plainConvolution, inChannels: 2, outChannels: 3 };

it('kernels of a weight that is kept are made once for each way to use it, those of another each time', () => {
  const before = tf.memory().numTensors;
  const weight = tf.keep(integers4([3, 3, 3, 2]));
  const [first, second] = [1, 2].map(() => cachedKernels(weight, settings, 'convolution'));
  expect(second).toBe(first);
  expect(cachedKernels(weight, { ...settings, stride: [2, 2] }, 'convolution')).not.toBe(first);
  expect(cachedKernels(weight, settings, 'transposed convolution')).not.toBe(first);
  disposeKernels(weight);
  weight.dispose();
  tf.tidy(() => {
    const passing = integers4([3, 3, 3, 2]);
    expect(cachedKernels(passing, settings, 'convolution').kernel).not.toBe(
      cachedKernels(passing, settings, 'convolution').kernel,
    );
  });
  expect(tf.memory().numTensors).toBe(before);
});

it('a network makes no kernels in its second pass, and disposes all of them', () => {
  const attributes = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
  const calls = [
    { name: 'w', weight: 'w' },
    { name: 'y', op: 'conv2d', args: ['x', 'w'], attributes },
  ];
  const modules = { '': { type: 'Net', inputs: ['x'], weights: { w: [3, 2, 1, 2] }, calls, output: 'y' } };
  const before = tf.memory().numTensors;
  const network = loadNetwork(description(modules, { input: { shape: [2, 3, 4] } }), {
    w: { shape: [3, 2, 1, 2], data: Float32Array.from({ length: 12 }, (_, i) => i) },
  });
  const pass = () => tf.tidy(() => void network.call(start(integers4([1, 3, 4, 2]))));
  pass();
  const after = tf.memory().numTensors;
  pass();
  expect(tf.memory().numTensors).toBe(after);
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
