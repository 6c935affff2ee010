/** Bounds hold and reach the end of a chain of layers, and NaN survives where they prove nothing. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-wasm';
import type { BackendTraits } from '@touchstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { grad } from '../autograd/backward.js';
import type { Variable } from '../autograd/variable.js';
import { add, batchNorm, cat, conv2d, maxPool2d, relu } from '../functional/functional.js';
import { deconvRelu, guidedRelu, pytorchRules } from '../rules.js';
import { integers, integers4, plainConvolution, start, values } from '../testing.js';
import { kernelsOf } from './convolution/kernels.js';
import type { ConvolutionSettings } from './convolution/settings.js';
import { stockConvolve } from './convolution/stock-convolution.js';
import { bounded, boundOf } from './magnitude.js';
import { reluOf, relu6Of } from './relu.js';

const allOf: BackendTraits = { losesNaN: ['convolution', 'relu', 'max-pool'] };
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('wasm');
  Object.assign(tf.backend(), allOf);
});
afterAll(() => {
  Object.assign(tf.backend(), { losesNaN: [] } satisfies BackendTraits);
});

const plain: ConvolutionSettings = { ...plainConvolution, padding: [1, 1], inChannels: 4, outChannels: 4 };
const pooling = { ...plain, ceilMode: false } as const;
const convolved = (x: Variable, settings: ConvolutionSettings): Variable => {
  const weight = integers4([4, 3, 3, 4 / settings.groups], 1);
  return conv2d(x, null, start(integers([4], 2)), kernelsOf(weight, settings), settings);
};

const layers: Readonly<Record<string, (x: Variable) => Variable>> = {
  convolution: (x) => convolved(x, plain),
  strided: (x) => convolved(x, { ...plain, stride: [2, 1] }),
  grouped: (x) => convolved(x, { ...plain, groups: 2 }),
  depthwise: (x) => convolved(x, { ...plain, groups: 4 }),
  relu: (x) => relu(x, pytorchRules),
  relu6: (x) => relu(x, pytorchRules, { ceiling: 6 }),
  'max pool': (x) => maxPool2d(x, pooling, pytorchRules),
  add: (x) => add(x, x),
  'batch norm': (x) => batchNorm(x, integers([4], 3), tf.ones([4]), start(integers([4], 4)), null, 1e-5),
  'cat and convolution': (x) => {
    const both = { ...plain, inChannels: 8 };
    return conv2d(cat([x, x], 1), null, null, kernelsOf(integers4([4, 3, 3, 8], 5), both), both);
  },
};
const largest = (x: tf.Tensor): number => Math.max(...x.dataSync().map(Math.abs));

it('no result and no gradient exceeds its bound, whatever the layers', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(layers)), { minLength: 1, maxLength: 5 }), (names) => {
      tf.tidy(() => {
        const x = start(integers4([1, 8, 8, 4]));
        const y = names.reduce((v, name) => {
          const result = layers[name]!(v);
          expect(largest(result.value), name).toBeLessThanOrEqual(boundOf(result.value) * (1 + 1e-5));
          return result;
        }, x);
        const [gradient] = grad(y, integers(y.shape, 6), [x]);
        expect(largest(gradient!)).toBeLessThanOrEqual(boundOf(gradient!) * (1 + 1e-5));
      });
    }),
    { numRuns: 40 },
  );
});

it('a chain of layers measures its input only, and its gradient likewise', () => {
  tf.tidy(() => {
    const deep = { ...plain, groups: 4 };
    const [dense, deepKernels] = [plain, deep].map((settings) =>
      kernelsOf(integers4([4, 3, 3, 4 / settings.groups], 1), settings),
    );
    const bias = start(integers([4], 2));
    const run = (x: Variable): Variable => {
      const first = relu(conv2d(x, null, bias, dense!, plain), pytorchRules);
      const second = relu(conv2d(first, null, null, deepKernels!, deep), pytorchRules, { inplace: true });
      return conv2d(maxPool2d(add(first, second), pooling, pytorchRules), null, bias, dense!, plain);
    };
    const step = (x: tf.Tensor4D) => {
      const input = start(x);
      const y = run(input);
      return grad(y, tf.onesLike(y.value), [input]);
    };
    step(integers4([1, 8, 8, 4])); // measures the weights
    const kernels = vi.spyOn(tf.engine(), 'runKernel');
    step(integers4([1, 8, 8, 4]));
    // Of a measurement, of a gain, of the slow ways.
    const watched = new Set(['Min', 'Abs', 'NotEqual', 'LogicalOr']);
    const names = kernels.mock.calls.map(([name]) => name).filter((name) => watched.has(name));
    kernels.mockRestore();
    expect(names).toEqual(['Min', 'Min']);
  });
});

const nan = () => tf.sub(tf.tensor1d([Infinity, 1]), tf.tensor1d([Infinity, 0]));
it.each([
  ['relu', () => reluOf(nan())],
  ['relu6', () => relu6Of(nan())],
  ['deconv', () => deconvRelu(nan(), tf.ones([2]))],
  ['guided', () => guidedRelu(nan(), tf.ones([2]))],
])('%s keeps NaN, of either sign', (_, run) => {
  expect(Array.from(run().dataSync())).toEqual([NaN, 1]);
  expect(Array.from(reluOf(tf.tensor1d([NaN, -1])).dataSync())).toEqual([NaN, 0]);
});

it.each([{ ceiling: 6 }, { ceiling: Infinity }])(
  'NaN passes a ReLU with ceiling $ceiling between convolutions',
  (clip) => {
    const one: ConvolutionSettings = { ...plain, kernelSize: [1, 1], padding: [0, 0], inChannels: 1, outChannels: 1 };
    const convolve = (v: Variable): Variable => conv2d(v, null, null, kernelsOf(tf.ones([1, 1, 1, 1]), one), one);
    const x = start(tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]));
    const y = convolve(relu(convolve(x), pytorchRules, clip));
    expect(Array.from(y.value.dataSync())).toEqual([NaN, 1, 2, 3]);
    const [gradient] = grad(y, bounded(tf.onesLike(y.value), 1), [x]);
    expect(Array.from(gradient!.dataSync())).toEqual([NaN, 1, 1, 1]);
  },
);

it('a magnitude that proves nothing is not kept as a bound', () => {
  const x = nan();
  for (const _ of [1, 2]) expect(Array.from(reluOf(x).dataSync())).toEqual([NaN, 1]);
});

/** Of sums that are NaN XNNPACK makes −∞ or NaN, depending on the number of channels. */
const special = [NaN, Infinity, -Infinity, 3e38, 2];
const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
const activations = {
  linear: (y: number) => y,
  relu: (y: number) => Math.max(y, 0),
  relu6: (y: number) => Math.min(Math.max(y, 0), 6),
};
const epilogues = (Object.keys(activations) as (keyof typeof activations)[]).flatMap((activation) =>
  [null, 1, -Infinity].map((bias) => ({ activation, bias })),
);
it.each([
  { name: 'one channel', kernel: [1, 2, 1, 1], channels: 1 },
  { name: 'four outputs', kernel: [1, 2, 1, 4], channels: 1 },
  { name: 'depthwise', kernel: [1, 2, 2, 1], channels: 2 },
  { name: 'depthwise, two outputs a channel', kernel: [1, 2, 2, 2], channels: 2 },
] as const)('a convolution gives what float32 gives: $name', ({ kernel, channels }) => {
  const depthwise = channels > 1;
  const outputs = depthwise ? kernel[2] * kernel[3] : kernel[3];
  const repeated = (value: number, count: number): number[] => Array<number>(count).fill(value);
  const shape: [number, number, number, number] = [...kernel];
  const convolved = (x: tf.Tensor4D, weight: number, bias: number | null, activation: keyof typeof activations) =>
    stockConvolve(x, tf.mul(tf.ones(shape), weight), {
      stride: [1, 1],
      dilation: [1, 1],
      margins: [
        [0, 0],
        [0, 0],
      ],
      depthwise,
      epilogue: { activation, bias: bias === null ? null : tf.tensor1d(repeated(bias, outputs)) },
    });
  const x = tf.tensor4d(
    pairs.flatMap((pair) => pair.flatMap((value) => repeated(value, channels))),
    [pairs.length, 1, 2, channels],
  );
  for (const sign of [1, -1])
    for (const { activation, bias } of epilogues) {
      const expected = pairs.flatMap(([a, b]) => {
        const sum = Math.fround(Math.fround((bias ?? 0) + sign * a) + sign * b);
        return repeated(activations[activation](sum) + 0, outputs);
      });
      const y = convolved(x, sign, bias, activation);
      expect(values(y), `${sign}, ${activation}, bias ${bias}`).toEqual(expected);
    }
  const bounds = [
    convolved(tf.ones([1, 1, 2, channels]), 2, 3, 'linear'),
    convolved(tf.ones([1, 1, 2, channels]), 2, 3, 'relu6'),
  ];
  expect(bounds.map(boundOf)).toEqual([7, 6]);
});

const one: ConvolutionSettings = { ...plain, kernelSize: [1, 1], padding: [0, 0], inChannels: 2, outChannels: 1 };
it.each([
  { name: 'NaN in x', x: [NaN, 1, 2, 3], y: [NaN, 5] },
  { name: '∞ − ∞', x: [Infinity, -Infinity, 1, 1], y: [NaN, 2] },
  { name: '∞', x: [Infinity, Infinity, 1, 1], y: [Infinity, 2] },
  { name: '−∞', x: [-Infinity, -Infinity, 1, 1], y: [-Infinity, 2] },
  { name: 'an overflow inside', x: [3e38, 3e38, 3e38, -3e38], y: [Infinity, 0] },
])('a convolution gives what float32 gives: $name', ({ x, y }) => {
  const input = start(tf.tensor4d(x, [1, 1, 2, 2]));
  const kernels = kernelsOf(tf.ones([1, 1, 1, 2]), one);
  expect(Array.from(conv2d(input, null, null, kernels, one).value.dataSync())).toEqual(y);
});
