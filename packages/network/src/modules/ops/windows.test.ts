import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { opAttributes, type OpName } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../../autograd/backward.js';
import { fromNchw, nchwShape, toNchw } from '../../layout.js';
import { pytorchRules } from '../../rules.js';
import { dot, integers, start } from '../../testing.js';
import { shapeAfter } from '../shapes.js';
import { opRow } from './ops.js';

type Row = [
  op: OpName,
  name: string,
  attributes: Record<string, unknown>,
  inputs: number[][],
  shape: number[],
  /** Of the output and of each input's gradient. */
  sums: number[],
];

const convolution = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
const along = { kernelSize: [1, 3], stride: [1, 2], padding: [0, 1], ceilMode: false };
const defaults: Partial<Record<OpName, Record<string, unknown>>> = {
  conv2d: convolution,
  conv_transpose2d: { ...convolution, outputPadding: [0, 0] },
  interpolate: { scales: null, alignCorners: false },
  pad: { mode: 'constant', value: 0 },
  max_pool2d: { ...along, dilation: [1, 1] },
  avg_pool2d: { ...along, countIncludePad: true, divisorOverride: null },
};

/**
 * torch 2.15, float64: input k is `integers(shape, k)` in NCHW order, R and what the sums are taken with `waves`; all
 * gradients are those of Σ y·R.
 */
const table: Row[] = [
  [
    'conv2d',
    'a bias',
    { padding: [1, 2] },
    [[2, 4, 5, 7], [3, 4, 3, 2], [3]],
    [2, 3, 5, 10],
    [3.1234939927, -24.3560227905, -49.8374396025, 5.6314292156],
  ],
  [
    'conv2d',
    'no bias, a stride',
    { stride: [2, 3], padding: [1, 0] },
    [
      [2, 4, 5, 7],
      [3, 4, 2, 3],
    ],
    [2, 3, 3, 2],
    [11.2259704498, 6.1108034991, -4.1137964166],
  ],
  [
    'conv2d',
    'a dilation',
    { padding: [2, 3], dilation: [2, 3] },
    [[2, 4, 5, 7], [3, 4, 3, 3], [3]],
    [2, 3, 5, 7],
    [-63.6363833997, -111.794128864, 27.8175692828, 2.4761933446],
  ],
  [
    'conv2d',
    'stride, dilation and groups',
    { stride: [2, 1], padding: [1, 1], dilation: [1, 2], groups: 2 },
    [[2, 4, 5, 7], [6, 2, 3, 2], [6]],
    [2, 6, 3, 7],
    [7.2631330995, -19.556849103, 31.4859847092, 0.5486213185],
  ],
  [
    'conv2d',
    'depthwise, two a channel',
    { stride: [1, 2], padding: [1, 1], groups: 4 },
    [[2, 4, 5, 7], [8, 1, 3, 3], [8]],
    [2, 8, 5, 4],
    [-89.7996491444, 24.5479931641, 10.1117414127, -3.304663512],
  ],
  [
    'conv2d',
    'as Conv1d',
    { stride: [1, 2], padding: [0, 2], groups: 2 },
    [[2, 4, 1, 9], [6, 2, 1, 5], [6]],
    [2, 6, 1, 5],
    [-44.5957609199, -21.4621947946, 13.0420116917, 1.8156025254],
  ],
  [
    'conv2d',
    'larger than x',
    { padding: [3, 3] },
    [
      [2, 2, 2, 3],
      [3, 2, 7, 8],
    ],
    [2, 3, 2, 2],
    [-12.1766309416, -17.5245926476, 20.540064865],
  ],
  [
    'conv_transpose2d',
    '1 × 1',
    {},
    [[2, 4, 5, 7], [4, 3, 1, 1], [3]],
    [2, 3, 5, 7],
    [-71.1310039322, -117.4007824753, -4.0165682341, 2.4761933446],
  ],
  [
    'conv_transpose2d',
    'as U-Net',
    { stride: [2, 2] },
    [[2, 4, 5, 7], [4, 3, 2, 2], [3]],
    [2, 3, 10, 14],
    [98.1977512682, -77.2539237431, -37.4061350778, 29.3792674596],
  ],
  [
    'conv_transpose2d',
    'padding, output padding',
    { stride: [2, 3], padding: [1, 1], outputPadding: [1, 2] },
    [[2, 4, 5, 7], [4, 3, 3, 4], [3]],
    [2, 3, 10, 22],
    [109.934299101, 84.5774572309, 61.9245011655, -12.9763292651],
  ],
  [
    'conv_transpose2d',
    'a dilation',
    { stride: [1, 2], padding: [0, 1], dilation: [2, 1] },
    [
      [2, 4, 5, 7],
      [4, 2, 3, 3],
    ],
    [2, 2, 9, 13],
    [-122.5530871568, 45.6910109435, 7.2236345506],
  ],
  [
    'conv_transpose2d',
    'output padding of more than a stride',
    { stride: [1, 2], dilation: [3, 3], outputPadding: [2, 2] },
    [[2, 4, 5, 7], [4, 2, 2, 2], [2]],
    [2, 2, 10, 18],
    [-53.7750613588, -96.8962939756, 75.0635231604, 0.5227799516],
  ],
  [
    'conv_transpose2d',
    'groups',
    { stride: [2, 1], padding: [1, 1], groups: 2, outputPadding: [1, 0] },
    [[2, 4, 5, 7], [4, 3, 3, 3], [6]],
    [2, 6, 10, 7],
    [33.0235096587, -161.7992604462, 74.088846666, -9.4843481449],
  ],
  [
    'conv_transpose2d',
    'depthwise',
    { stride: [2, 2], padding: [1, 1], groups: 4 },
    [
      [2, 4, 5, 7],
      [4, 1, 4, 4],
    ],
    [2, 4, 10, 14],
    [-65.216746083, 58.069169364, 30.5720287895],
  ],
  [
    'conv_transpose2d',
    'stride beyond the kernel',
    { stride: [3, 2] },
    [[2, 4, 5, 7], [4, 2, 2, 1], [2]],
    [2, 2, 14, 13],
    [56.7604374494, -29.8002899638, 18.505832729, 3.139476409],
  ],
  [
    'conv_transpose2d',
    'more padding than kernel',
    { padding: [2, 3] },
    [[2, 4, 5, 7], [4, 2, 2, 3], [2]],
    [2, 2, 2, 3],
    [2.0553714319, -10.7350496308, -8.8608759782, 2.5297425898],
  ],
  [
    'interpolate',
    'nearest, enlarged',
    { size: [9, 8], mode: 'nearest' },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [25.4391843959, 15.6377595834],
  ],
  [
    'interpolate',
    'nearest, reduced',
    { size: [3, 5], mode: 'nearest' },
    [[2, 4, 5, 7]],
    [2, 4, 3, 5],
    [3.1588492605, -5.3129479951],
  ],
  [
    'interpolate',
    'nearest, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'nearest' },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [-39.1286155513, -7.5647689635],
  ],
  [
    'interpolate',
    'nearest-exact, enlarged',
    { size: [9, 8], mode: 'nearest-exact' },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [43.7947212154, 3.6240510515],
  ],
  [
    'interpolate',
    'nearest-exact, reduced',
    { size: [3, 5], mode: 'nearest-exact' },
    [[2, 4, 5, 7]],
    [2, 4, 3, 5],
    [-8.7015814063, 7.2650818353],
  ],
  [
    'interpolate',
    'nearest-exact, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'nearest-exact' },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [17.9654872667, -15.6074565953],
  ],
  [
    'interpolate',
    'bilinear, enlarged',
    { size: [9, 8], mode: 'bilinear' },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [38.5587419993, 11.2666584446],
  ],
  [
    'interpolate',
    'bilinear, reduced, to one row',
    { size: [1, 5], mode: 'bilinear' },
    [[2, 4, 5, 7]],
    [2, 4, 1, 5],
    [-0.4979700332, 4.9576868671],
  ],
  [
    'interpolate',
    'bilinear, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'bilinear' },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [-11.6702950765, -9.1093078852],
  ],
  [
    'interpolate',
    'bilinear, aligned corners, enlarged',
    { size: [9, 8], mode: 'bilinear', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [39.4243254383, 13.6182883235],
  ],
  [
    'interpolate',
    'bilinear, aligned corners, reduced, to one row',
    { size: [1, 5], mode: 'bilinear', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 1, 5],
    [-1.3000522478, 0.6120451838],
  ],
  [
    'interpolate',
    'bilinear, aligned corners, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'bilinear', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [-8.1656628667, -8.2138971399],
  ],
  [
    'interpolate',
    'bilinear, scales that keep the size',
    { size: [5, 7], scales: [1.1, 1.05], mode: 'bilinear' },
    [[2, 4, 5, 7]],
    [2, 4, 5, 7],
    [10.7400516624, 149.0559805345],
  ],
  [
    'interpolate',
    'bicubic, enlarged',
    { size: [9, 8], mode: 'bicubic' },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [40.1253111426, 14.6909273389],
  ],
  [
    'interpolate',
    'bicubic, reduced, to one row',
    { size: [1, 5], mode: 'bicubic' },
    [[2, 4, 5, 7]],
    [2, 4, 1, 5],
    [-0.3495180118, 5.1835056205],
  ],
  [
    'interpolate',
    'bicubic, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'bicubic' },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [-7.9403898002, -13.2830652561],
  ],
  [
    'interpolate',
    'bicubic, aligned corners, enlarged',
    { size: [9, 8], mode: 'bicubic', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 9, 8],
    [39.5055916362, 15.8057237748],
  ],
  [
    'interpolate',
    'bicubic, aligned corners, reduced, to one row',
    { size: [1, 5], mode: 'bicubic', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 1, 5],
    [-0.9764178214, 0.9874835829],
  ],
  [
    'interpolate',
    'bicubic, aligned corners, scales',
    { size: [11, 10], scales: [2.3, 1.5], mode: 'bicubic', alignCorners: true },
    [[2, 4, 5, 7]],
    [2, 4, 11, 10],
    [0.3612542888, -10.4312209889],
  ],
  [
    'interpolate',
    'bicubic, scales that keep the size',
    { size: [5, 7], scales: [1.1, 1.05], mode: 'bicubic' },
    [[2, 4, 5, 7]],
    [2, 4, 5, 7],
    [12.887691458, 149.0559805345],
  ],
  [
    'pad',
    'constant, cropped',
    { padding: [1, -2, -1, 3], value: 2.5 },
    [[2, 4, 5, 7]],
    [2, 4, 7, 6],
    [0.9113540315, -7.8277954887],
  ],
  [
    'pad',
    'constant, all dimensions',
    { padding: [0, 1, 2, 0, 1, 1, 0, 1], value: -1 },
    [[2, 4, 5, 7]],
    [3, 6, 7, 8],
    [-3.28913492, -5.9518262846],
  ],
  ['pad', 'constant, of a matrix', { padding: [2, 1], value: 1 }, [[3, 4]], [3, 7], [-2.1616703717, -2.1839846065]],
  [
    'pad',
    'reflect',
    { padding: [3, 1, 0, 4], mode: 'reflect' },
    [[2, 4, 5, 7]],
    [2, 4, 9, 11],
    [17.9368948346, -16.7775061321],
  ],
  [
    'pad',
    'reflect, columns only',
    { padding: [6, 6], mode: 'reflect' },
    [[2, 3, 7]],
    [2, 3, 19],
    [-10.7279242469, -0.1883165593],
  ],
  [
    'pad',
    'replicate',
    { padding: [3, 9, 8, 1], mode: 'replicate' },
    [[2, 4, 5, 7]],
    [2, 4, 14, 19],
    [-31.9931314967, 44.3510913756],
  ],
  [
    'pad',
    'replicate, three dimensions',
    { padding: [1, 2, 0, 1, 2, 0], mode: 'replicate' },
    [[1, 2, 3, 2, 4]],
    [1, 2, 5, 3, 7],
    [-2.5499365995, -6.7527713015],
  ],
  [
    'pad',
    'circular',
    { padding: [7, 2, 1, 5], mode: 'circular' },
    [[2, 4, 5, 7]],
    [2, 4, 11, 16],
    [6.8675968906, 0.6216445192],
  ],
  [
    'pad',
    'circular, columns only',
    { padding: [0, 3], mode: 'circular' },
    [[2, 3, 4]],
    [2, 3, 7],
    [-3.4257281373, -0.1468053859],
  ],
  ['pad', 'constant, of tokens', { padding: [0, 0, 1, 0] }, [[2, 3, 4]], [2, 4, 4], [1.9023043561, 2.599129334]],
  [
    'adaptive_max_pool2d',
    'uneven',
    { outputSize: [3, 4] },
    [[2, 4, 5, 7]],
    [2, 4, 3, 4],
    [17.9134683253, 10.7742982955],
  ],
  ['adaptive_max_pool2d', 'even', { outputSize: [2, 3] }, [[2, 3, 4, 9]], [2, 3, 2, 3], [8.9279668287, -2.8786912322]],
  [
    'adaptive_max_pool2d',
    'to one',
    { outputSize: [1, 1] },
    [[2, 4, 5, 7]],
    [2, 4, 1, 1],
    [-1.7138580048, 0.9285921728],
  ],
  [
    'adaptive_max_pool2d',
    'enlarged, and rows as they are',
    { outputSize: [null, 10] },
    [[2, 4, 5, 7]],
    [2, 4, 5, 10],
    [31.3296692403, 2.7353326399],
  ],
  ['max_pool2d', 'as MaxPool1d', {}, [[2, 3, 1, 9]], [2, 3, 1, 5], [3.0961004048, 1.2794684788]],
  [
    'max_pool2d',
    'as MaxPool1d, a dilation and ceil mode',
    { dilation: [1, 2], ceilMode: true },
    [[2, 3, 1, 10]],
    [2, 3, 1, 5],
    [6.0559289964, -0.2985826895],
  ],
  ['avg_pool2d', 'as AvgPool1d', {}, [[2, 3, 1, 9]], [2, 3, 1, 5], [1.168210751, -0.8334386487]],
  [
    'avg_pool2d',
    'as AvgPool1d, padding not counted and ceil mode',
    { ceilMode: true, countIncludePad: false },
    [[2, 3, 1, 8]],
    [2, 3, 1, 5],
    [1.3064220903, 3.2894480329],
  ],
  ['avg_pool2d', 'a divisor', { divisorOverride: 5 }, [[2, 3, 1, 8]], [2, 3, 1, 4], [0.2315056704, 0.1485232889]],
  [
    'adaptive_avg_pool2d',
    'as AdaptiveAvgPool1d',
    { outputSize: [1, 4] },
    [[2, 3, 1, 9]],
    [2, 3, 1, 4],
    [1.65764252, 0.7103081708],
  ],
];

/** sin(i² + 1), so that every value counts and none alike. */
function waves(shape: readonly number[]): tf.Tensor {
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(i * i + 1)),
    [...shape],
  );
}

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it.each(table)('%s: %s', (op, _, given, inputs, shape, sums) => {
    const attributes: unknown = opAttributes[op].parse({ ...defaults[op], ...given });
    expect(shapeAfter(op, inputs, attributes as Record<string, unknown>)).toEqual(shape);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const variables = inputs.map((size, k) => start(fromNchw(integers(size, k))));
      const y = opRow(op).run(variables, attributes, pytorchRules);
      expect(nchwShape(y.shape)).toEqual(shape);
      const gradients = grad(y, fromNchw(waves(shape)), variables);
      for (const [i, tensor] of [y.value, ...gradients].entries()) {
        const values = toNchw(tensor!);
        expect(dot(values, waves(values.shape)), `sum ${i}`).toBeCloseTo(sums[i]!, 3);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
