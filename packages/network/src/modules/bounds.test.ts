import type { NetworkDescription } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { chain, description, leaf } from '../testing.js';
import { parseNetwork } from './parse-network.js';

type Modules = NetworkDescription['modules'];
const on = (shape: [number, number, number], modules: Modules): NetworkDescription =>
  description(modules, { input: { shape } });
const container = (...modules: string[]) => ({
  type: 'Box',
  inputs: ['v0'],
  calls: modules.map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] })),
  output: `v${modules.length}`,
});
const padded = (padding: number, outChannels = 1, stride = 1, inChannels = 1) => {
  const conv = leaf.conv(inChannels, outChannels, 3);
  return { ...conv, attributes: { ...conv.attributes, padding: [padding, padding], stride: [stride, stride] } };
};
const enlarged = (size: number) => ({ type: 'AdaptiveAvgPool2d', attributes: { outputSize: [size, size] } });
const framed = (size: number) => ({ type: 'ZeroPad2d', attributes: { padding: [size, size, size, size] } });
const average = (kernel: number) => ({
  type: 'AvgPool2d',
  attributes: {
    ...leaf.maxPool(kernel, kernel).attributes,
    stride: [1, 1],
    dilation: undefined,
    countIncludePad: true,
    divisorOverride: null,
  },
});

/** One function, with a weight [1,1,3,3] as its second input where it has `weights`. */
const calling = (op: string, attributes: Record<string, unknown>, weights?: Record<string, number[]>): Modules => ({
  '': {
    type: 'Net',
    inputs: ['x'],
    ...(weights && { weights }),
    calls: [
      ...(weights ? [{ name: 'w', weight: 'weight' }] : []),
      { name: 'y', op, args: weights ? ['x', 'w'] : ['x'], attributes },
    ],
    output: 'y',
  },
});

/** `depth` containers, each of which calls the next twice. */
function doubling(depth: number): NetworkDescription {
  const inner = Object.fromEntries(
    Array.from({ length: depth }, (_, i) => {
      const next = i + 1 < depth ? `c${i + 1}` : 'relu';
      return [`c${i}`, container(next, next)];
    }),
  );
  return on([1, 2, 2], { '': container('c0'), ...inner, relu: leaf.relu });
}

it.each<{ name: string; network: NetworkDescription; message: string }>([
  { name: '26 containers that call the next twice', network: doubling(26), message: '"c10" runs 131070 calls' },
  {
    name: 'a padding of 4096 on 6 × 6',
    network: on([1, 6, 6], chain({ features: padded(4096) })),
    message: '"features" makes 67207204 values',
  },
  {
    name: 'a padding of 4096 whose output is small',
    network: on([1, 6, 6], chain({ features: padded(4096, 1, 4096) })),
    message: '"features" makes 67207204 values',
  },
  {
    name: 'a padding of 4096 of two channels whose output is small',
    network: on([2, 6, 6], chain({ features: padded(4096, 1, 4096, 2) })),
    message: '"features" makes 134414408 values',
  },
  {
    name: 'a convolution of all channels',
    network: on([4096, 64, 64], chain({ conv: leaf.conv(4096, 4096, 31) })),
    message: '"conv" is where a pass exceeds 10000000000000 multiplications',
  },
  {
    name: 'a Linear',
    network: on([16, 1, 1_000_000], chain({ head: leaf.linear(1_000_000, 1_000_000) })),
    message: '"head" is where a pass exceeds 10000000000000 multiplications',
  },
  { name: 'a frame of 4096', network: on([1, 6, 6], chain({ frame: framed(4096) })), message: '"frame" makes' },
  { name: 'an enlarging pooling', network: on([2, 1, 1], chain({ pool: enlarged(4096) })), message: '"pool" makes' },
  {
    name: 'an enlarging function',
    network: on([2, 1, 1], {
      '': container('box'),
      box: calling('adaptive_avg_pool2d', { outputSize: [4096, 4096] })['']!,
    }),
    message: '"box adaptive_avg_pool2d" makes 33554432 values',
  },
  {
    name: 'a padding of 4096 of a function whose output is small',
    network: on(
      [1, 6, 6],
      calling(
        'conv2d',
        { stride: [4096, 4096], padding: [4096, 4096], dilation: [1, 1], groups: 1 },
        { weight: [1, 1, 3, 3] },
      ),
    ),
    message: '"conv2d" makes 67207204 values',
  },
  {
    name: 'many values in many tensors',
    network: on([1, 1, 1], {
      '': container('pool', ...Array<string>(40).fill('relu')),
      pool: enlarged(4000),
      relu: leaf.relu,
    }),
    message: '"relu" is where a pass exceeds 268435456 values',
  },
  {
    name: 'windows without end',
    network: on([1, 4096, 4096], chain({ pool: average(2048) })),
    message: '"pool" is where a pass exceeds 10000000000000 multiplications',
  },
  {
    name: 'an input of a million by a million',
    network: on([1, 1_000_000, 1_000_000], chain({ relu: leaf.relu })),
    message: 'an input of 1000000000000 values',
  },
])('$name: refused before anything runs', ({ network, message }) => {
  expect(() => parseNetwork(JSON.parse(JSON.stringify(network)), 'mine')).toThrow(
    expect.objectContaining({
      code: 'bad-network',
      message: expect.stringContaining(message) as string,
      hint: expect.any(String) as string,
    }),
  );
});

it.each<{ name: string; network: NetworkDescription }>([
  { name: '13 containers that call the next twice', network: doubling(13) },
  { name: '64 channels of 2048 × 2048', network: on([3, 2048, 2048], chain({ conv: leaf.conv(3, 64, 3) })) },
  {
    name: 'a depthwise convolution of 4096 channels',
    network: on([4096, 64, 64], chain({ conv: leaf.conv(4096, 4096, 31, 4096) })),
  },
  {
    name: 'a margin of 2000 on the left and on the right alone',
    network: on([1, 6, 6], calling('pad', { padding: [2000, 2000], mode: 'constant', value: 0 })),
  },
  { name: 'a padding of 64 on 6 × 6', network: on([1, 6, 6], chain({ conv: padded(64, 512) })) },
])('$name: taken', ({ network }) => {
  expect(() => parseNetwork(JSON.parse(JSON.stringify(network)), 'mine')).not.toThrow();
});
