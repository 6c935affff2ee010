import { findBackend } from '@touchstone/backends';
import type { NetworkDescription } from '@touchstone/contract';
import { parseNetwork } from '@touchstone/network';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertSame } from '../conv-gradient/conv-gradient.js';
import { vgg, type Vgg } from '../conv-gradient/vgg.js';
import { bare } from './bare.js';
import { hookless } from './hook-cost.js';

/** Everything that EfficientNet-Lite0 is made of, small: strided and padded, depthwise, normalised, with a sum. */
function mobile(): Vgg {
  const conv = (
    inChannels: number,
    outChannels: number,
    kernel: number,
    stride: number,
    padding: number,
    groups = 1,
  ) => ({
    type: 'Conv2d',
    attributes: {
      inChannels,
      outChannels,
      kernelSize: [kernel, kernel],
      stride: [stride, stride],
      padding: [padding, padding],
      dilation: [1, 1],
      groups,
      bias: false,
    },
  });
  const leaves = {
    pad: { type: 'ZeroPad2d', attributes: { padding: [0, 1, 0, 1] } },
    stem: conv(3, 4, 3, 2, 0),
    norm: { type: 'BatchNorm2d', attributes: { numFeatures: 4, eps: 1e-3, affine: true } },
    relu: { type: 'ReLU6', attributes: { inplace: false } },
    depthwise: conv(4, 4, 5, 1, 2, 4),
    project: conv(4, 4, 1, 1, 0),
    pad2: { type: 'ZeroPad2d', attributes: { padding: [1, 2, 1, 2] } },
    shrink: conv(4, 4, 5, 2, 0, 4),
    pool: { type: 'AdaptiveAvgPool2d', attributes: { outputSize: [1, 1] } },
    flatten: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
    dropout: { type: 'Dropout', attributes: { p: 0.2, inplace: false } },
    head: { type: 'Linear', attributes: { inFeatures: 4, outFeatures: 3, bias: true } },
  };
  const before = ['pad', 'stem', 'norm', 'relu', 'depthwise', 'project'].map((module, i) => ({
    name: `x${i + 1}`,
    module,
    args: [`x${i}`],
  }));
  const sum = { name: 'x7', op: 'add', args: ['x4', 'x6'], attributes: {} };
  const after = ['pad2', 'shrink', 'pool', 'flatten', 'dropout', 'head'].map((module, i) => ({
    name: `x${i + 8}`,
    module,
    args: [`x${i + 7}`],
  }));
  const root = { type: 'Mobile', inputs: ['x0'], calls: [...before, sum, ...after], output: 'x13' };
  const shapes: Record<string, number[]> = {
    'stem.weight': [4, 3, 3, 3],
    'norm.running_mean': [4],
    'norm.running_var': [4],
    'norm.weight': [4],
    'norm.bias': [4],
    'depthwise.weight': [4, 1, 5, 5],
    'project.weight': [4, 4, 1, 1],
    'shrink.weight': [4, 1, 5, 5],
    'head.weight': [3, 4],
    'head.bias': [3],
  };
  const weights = Object.entries(shapes).map(([name, shape], seed) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => 0.5 + 0.4 * Math.sin(17 * i + seed)) }];
  });
  const description = {
    format: 'touchstone-network',
    version: 1,
    name: 'mobile',
    why: 'a test',
    input: { shape: [3, 10, 10] },
    modules: { '': root, ...leaves },
  };
  return { description: parseNetwork(description, 'mobile'), weights: Object.fromEntries(weights) as Vgg['weights'] };
}

const networks: [string, Vgg][] = [
  ['VGG', vgg('tiny', [4, 'pool', 6, 8, 'pool'], 8)],
  ['mobile', mobile()],
];

describe.each(networks)('%s', (_name, network) => {
  beforeAll(() => findBackend('wasm').open());

  it.each(['forward', 'gradient'] as const)(
    '%s: both give the same numbers, which are not zero, and leave no tensor',
    (pass) => {
      const before = tf.memory().numTensors;
      const pair = hookless(network, pass);
      const made = tf.memory().numTensors;
      const ours = pair.ours();
      expect(ours).toHaveLength(pass === 'gradient' ? 3 * network.description.input.shape[1]! ** 2 : ours.length);
      expect(ours.filter((value) => value !== 0).length).toBeGreaterThan(ours.length / 4);
      expect(() => assertSame(ours, pair.bare())).not.toThrow();
      expect(pair.ours()).toEqual(ours);
      expect(tf.memory().numTensors).toBe(made);
      pair.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it.each(['forward', 'gradient'] as const)('%s: both call the same kernels in the same order', async (pass) => {
    const pair = hookless(network, pass);
    pair.ours(); // bounds of weights are computed once
    const kernels = (await kernelsOf(pair.ours)).filter((name) => !looksForOverflow.has(name));
    expect(kernels.length).toBeGreaterThan(8);
    expect(await kernelsOf(pair.bare)).toEqual(kernels);
    pair.dispose();
  });
});

/** max|x|, which proves that nothing overflows (docs/adr/0013-nan.md): part of the cost that is measured. */
const looksForOverflow = new Set(['Max', 'Min']);

/** What is computed, without what only hands values on. */
async function kernelsOf(run: () => void): Promise<string[]> {
  const { kernels, result } = await tf.profile(() => {
    run();
    return tf.scalar(0);
  });
  tf.dispose(result);
  return kernels.map(({ name }) => name).filter((name) => name !== 'Identity' && name !== 'Reshape');
}

it('a layer without a row is an error', () => {
  const modules = {
    '': { type: 'Root', inputs: ['x'], calls: [{ name: 'y', module: 'pool', args: ['x'] }], output: 'y' },
    pool: { type: 'AvgPool2d', attributes: {} },
  };
  const description: NetworkDescription = {
    format: 'touchstone-network',
    version: 1,
    name: 'test',
    why: 'a test',
    input: { shape: [1, 2, 2] },
    modules,
  };
  expect(() => bare(description, {})).toThrow('there is no bare AvgPool2d');
});
