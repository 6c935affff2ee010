import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { BackendTraits } from '@touchstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kernelsOf, weightFromKernel } from './kernels.js';
import type { ConvolutionSettings } from './settings.js';
import { fromNchw, toNchw } from '../../layout.js';
import { grad } from '../../autograd/backward.js';
import { conv2d } from '../../functional/functional.js';
import { integers4, plainConvolution, start, values } from '../../testing.js';
import type { Size2 } from '../windows.js';

const plain: ConvolutionSettings = { ...plainConvolution, inChannels: 2, outChannels: 3 };

const table: { name: string; size: Size2; settings: ConvolutionSettings }[] = [
  { name: 'plain', size: [5, 6], settings: plain },
  { name: 'padding that keeps the size', size: [5, 6], settings: { ...plain, padding: [1, 1] } },
  {
    name: 'padding that keeps the size of a 5×1 kernel',
    size: [6, 5],
    settings: { ...plain, kernelSize: [5, 1], padding: [2, 0] },
  },
  { name: 'an even kernel', size: [5, 6], settings: { ...plain, kernelSize: [2, 4], padding: [1, 1] } },
  { name: 'more padding than kernel', size: [3, 4], settings: { ...plain, kernelSize: [1, 2], padding: [2, 3] } },
  { name: 'a stride that leaves rows over', size: [8, 6], settings: { ...plain, stride: [2, 3], padding: [1, 0] } },
  { name: 'a stride beyond the kernel', size: [8, 9], settings: { ...plain, kernelSize: [2, 1], stride: [3, 2] } },
  { name: 'patches', size: [4, 9], settings: { ...plain, kernelSize: [2, 3], stride: [2, 3] } },
  {
    name: 'patches with padding and rows left over',
    size: [7, 6],
    settings: { ...plain, kernelSize: [4, 1], stride: [4, 1], padding: [1, 2] },
  },
  { name: 'a dilation', size: [7, 8], settings: { ...plain, dilation: [2, 3], padding: [1, 2] } },
  {
    name: 'stride and dilation at once',
    size: [9, 8],
    settings: { ...plain, stride: [2, 3], dilation: [3, 2], padding: [2, 1] },
  },
  {
    name: 'dilations, padding of ‘same’ without',
    size: [7, 8],
    settings: { ...plain, dilation: [2, 2], padding: [1, 1] },
  },
  {
    name: 'a dilation, padding of ‘same’ without',
    size: [7, 8],
    settings: { ...plain, dilation: [1, 2], padding: [1, 1] },
  },
  { name: '1×1', size: [4, 3], settings: { ...plain, kernelSize: [1, 1] } },
  { name: '1×1 with stride 2', size: [5, 4], settings: { ...plain, kernelSize: [1, 1], stride: [2, 2] } },
  {
    name: 'two groups',
    size: [5, 4],
    settings: { ...plain, groups: 2, inChannels: 4, outChannels: 6, padding: [1, 0] },
  },
  {
    name: 'two groups, stride and dilation',
    size: [8, 7],
    settings: { ...plain, groups: 2, inChannels: 4, outChannels: 2, stride: [2, 1], dilation: [2, 2], padding: [1, 1] },
  },
  {
    name: 'depthwise',
    size: [5, 6],
    settings: { ...plain, groups: 3, inChannels: 3, outChannels: 3, padding: [1, 1] },
  },
  {
    name: 'depthwise with two outputs a channel',
    size: [6, 5],
    settings: { ...plain, groups: 3, inChannels: 3, outChannels: 6, stride: [2, 2], padding: [1, 1] },
  },
  {
    name: 'depthwise, stride and dilation',
    size: [8, 7],
    settings: { ...plain, groups: 2, inChannels: 2, outChannels: 4, stride: [2, 3], dilation: [2, 2], padding: [2, 1] },
  },
  {
    name: 'a stride with the padding of ‘same’',
    size: [5, 7],
    settings: { ...plain, stride: [2, 2], padding: [1, 1] },
  },
  {
    name: 'a frame as ‘same’ has it',
    size: [6, 4],
    settings: {
      ...plain,
      stride: [2, 2],
      frame: [
        [0, 1],
        [0, 1],
      ],
    },
  },
  {
    name: 'a frame at the other end',
    size: [6, 4],
    settings: {
      ...plain,
      stride: [2, 2],
      frame: [
        [1, 0],
        [1, 0],
      ],
    },
  },
  {
    name: 'a frame that crops',
    size: [4, 6],
    settings: {
      ...plain,
      kernelSize: [1, 1],
      stride: [2, 2],
      frame: [
        [-1, 0],
        [-1, 0],
      ],
    },
  },
  {
    name: 'padding and a frame',
    size: [4, 5],
    settings: {
      ...plain,
      padding: [1, 0],
      frame: [
        [2, 0],
        [1, 3],
      ],
    },
  },
  { name: 'a kernel of one size with its input', size: [3, 3], settings: { ...plain, stride: [2, 2] } },
  { name: 'a stride of rows only', size: [6, 5], settings: { ...plain, stride: [2, 1], padding: [1, 0] } },
  {
    name: 'two groups and a stride',
    size: [6, 5],
    settings: { ...plain, groups: 2, inChannels: 4, outChannels: 2, stride: [2, 2] },
  },
  { name: 'one channel', size: [4, 5], settings: { ...plain, inChannels: 1, outChannels: 1, padding: [1, 0] } },
];

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it.each(table)('forward and all gradients equal the loops: $name', ({ size, settings }) => check(size, settings));
});

/** A kernel of TF.js as if it were the backend's own. */
describe('with an input gradient of the backend', () => {
  const asked: string[] = [];
  beforeAll(async () => {
    await tf.setBackend('cpu');
    tf.registerKernel({
      kernelName: 'ConvolutionInputGrad',
      backendName: 'cpu',
      kernelFunc: ({ inputs, attrs }) => {
        const { dy, kernel } = inputs as { dy: tf.Tensor4D; kernel: tf.Tensor4D };
        const { size, stride, pad, depthwise } = attrs as {
          size: Size2;
          stride: Size2;
          pad: string;
          depthwise: boolean;
        };
        asked.push(pad);
        return tf.engine().runKernel(
          depthwise ? 'DepthwiseConv2dNativeBackpropInput' : 'Conv2DBackpropInput',
          { dy, filter: kernel },
          {
            strides: [...stride],
            pad,
            dataFormat: 'NHWC',
            dilations: [1, 1],
            inputShape: [dy.shape[0], ...size, kernel.shape[2]],
          },
        );
      },
    });
  });
  afterAll(() => tf.unregisterKernel('ConvolutionInputGrad', 'cpu'));

  it('asks for it where there are strides and no dilations, and all gradients equal the loops', () => {
    const answers = table.map(({ name, size, settings }) => {
      check(size, settings);
      return asked.splice(0).map((pad) => `${name}: ${pad}`);
    });
    expect(answers.flat()).toEqual([
      'a stride that leaves rows over: valid',
      'a stride beyond the kernel: same',
      'patches: same',
      'patches with padding and rows left over: valid',
      '1×1 with stride 2: valid',
      'depthwise with two outputs a channel: valid',
      'a stride with the padding of ‘same’: same',
      'a frame as ‘same’ has it: same',
      'a frame at the other end: valid',
      'a frame that crops: valid',
      'a kernel of one size with its input: valid',
      'a stride of rows only: valid',
    ]);
  });
});

it('all gradients equal the loops where Winograd’s algorithm pays from one channel', async () => {
  await tf.setBackend('cpu');
  Object.assign(tf.backend(), { winogradMinChannels: 1 });
  const kernels: Size2[] = [
    [3, 2],
    [2, 3],
  ];
  for (const { size, settings } of table) check(size, settings);
  for (const kernelSize of kernels) check([5, 6], { ...plain, kernelSize });
  Object.assign(tf.backend(), { winogradMinChannels: Infinity });
});

const settings = fc
  .record({
    kernelSize: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    channels: fc.constantFrom([1, 1, 2], [1, 2, 1], [2, 2, 4], [2, 4, 2], [3, 3, 3], [2, 6, 4]),
    spare: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  })
  .map(({ channels: [groups, inChannels, outChannels], spare, ...window }) => {
    const extent = (i: 0 | 1) =>
      Math.max(1, window.dilation[i] * (window.kernelSize[i] - 1) + 1 - 2 * window.padding[i]) + spare[i];
    return {
      size: [extent(0), extent(1)] as Size2,
      settings: { ...window, groups: groups!, inChannels: inChannels!, outChannels: outChannels! },
    };
  });

it('forward and all gradients equal the loops, whatever the settings', async () => {
  await tf.setBackend('cpu');
  fc.assert(
    fc.property(settings, ({ size, settings }) => check(size, settings)),
    { numRuns: 80 },
  );
});

it('forward and all gradients equal the loops where groups are convolved in space', async () => {
  await tf.setBackend('wasm');
  Object.assign(tf.backend(), { groupsInSpace: true, losesNaN: ['convolution'] } satisfies BackendTraits);
  for (const { size, settings } of table) check(size, settings);
  fc.assert(
    fc.property(settings, ({ size, settings }) => check(size, settings)),
    { numRuns: 40 },
  );
  Object.assign(tf.backend(), { groupsInSpace: false, losesNaN: [] } satisfies BackendTraits);
});

it('weights are uploaded and read back unchanged', () => {
  for (const { settings } of table) {
    const weight = integers4([settings.outChannels, ...settings.kernelSize, settings.inChannels / settings.groups]);
    expect(weightFromKernel(kernelsOf(weight, settings).kernel, settings).arraySync()).toEqual(weight.arraySync());
  }
});

/** All data are small integers, so every sum is exact in float32 and the order of summation does not matter. */
function check(size: Size2, settings: ConvolutionSettings): void {
  tf.tidy(() => {
    const x = integers4([2, settings.inChannels, ...size]);
    const weight = integers4([settings.outChannels, settings.inChannels / settings.groups, ...settings.kernelSize], 1);
    const bias = tf.range(1, settings.outChannels + 1);
    const [input, held, offset] = [start(fromNchw(x)), start(fromNchw(weight)), start(bias)];
    const output = conv2d(input, held, offset, kernelsOf(held.value as tf.Tensor4D, settings), settings);
    const y = toNchw(output.value) as tf.Tensor4D;
    const R = integers4(y.shape, 2);
    const [ofX, ofWeight, ofBias] = grad(output, fromNchw(R), [input, held, offset]);

    const expected = loops(x, weight, [...bias.dataSync()], R, settings);
    expect(y.shape).toEqual(expected.shape);
    expect(values(y)).toEqual(expected.y);
    expect(values(toNchw(ofX!))).toEqual(expected.ofX);
    expect(values(toNchw(ofWeight!))).toEqual(expected.ofWeight);
    expect(values(ofBias!)).toEqual(expected.ofBias);
  });
}

/** The definition of Conv2d, NCHW: every product once, credited to y, to x and to the weight. */
function loops(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  bias: readonly number[],
  R: tf.Tensor4D,
  settings: ConvolutionSettings,
) {
  const {
    stride,
    dilation,
    groups,
    padding,
    frame = [
      [0, 0],
      [0, 0],
    ],
  } = settings;
  const [N, C, H, W] = x.shape;
  const [O, perGroup, KH, KW] = weight.shape;
  const extent = (from: number, kernel: number, i: 0 | 1) =>
    Math.floor((from + 2 * padding[i] + frame[i][0] + frame[i][1] - dilation[i] * (kernel - 1) - 1) / stride[i]) + 1;
  const shape = [N, O, extent(H, KH, 0), extent(W, KW, 1)] as const;
  const [xs, ws, Rs] = [x.dataSync(), weight.dataSync(), R.dataSync()];
  const zeros = (n: number): number[] => Array.from({ length: n }, () => 0);
  const result = {
    shape: [...shape],
    y: zeros(Rs.length),
    ofX: zeros(xs.length),
    ofWeight: zeros(ws.length),
    ofBias: zeros(O),
  };
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++)
      for (let i = 0; i < shape[2]; i++)
        for (let j = 0; j < shape[3]; j++) {
          const at = ((n * O + o) * shape[2] + i) * shape[3] + j;
          result.y[at]! += bias[o]!;
          result.ofBias[o]! += Rs[at]!;
          for (let p = 0; p < perGroup; p++)
            for (let ky = 0; ky < KH; ky++)
              for (let kx = 0; kx < KW; kx++) {
                const [row, column] = [
                  i * stride[0] - padding[0] - frame[0][0] + ky * dilation[0],
                  j * stride[1] - padding[1] - frame[1][0] + kx * dilation[1],
                ];
                if (row < 0 || row >= H || column < 0 || column >= W) continue;
                const c = Math.floor(o / (O / groups)) * perGroup + p;
                const [atX, atW] = [((n * C + c) * H + row) * W + column, ((o * perGroup + p) * KH + ky) * KW + kx];
                result.y[at]! += xs[atX]! * ws[atW]!;
                result.ofX[atX]! += Rs[at]! * ws[atW]!;
                result.ofWeight[atW]! += Rs[at]! * xs[atX]!;
              }
        }
  return result;
}
