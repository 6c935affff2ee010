import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import type { Variable } from '../autograd/variable.js';
import { fromHost, nchwShape, scoped, toHost } from '../layout.js';
import { integers, start, values, withGradient } from '../testing.js';
import { linear, matmul, scaledDotProductAttention } from './functional.js';

/** ((7i + 3·seed) mod 11 − 5)/divisor, in PyTorch's order. */
const sample = (shape: readonly number[], seed: number, divisor = 1): tf.Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, i) => (((i * 7 + seed * 3) % 11) - 5) / divisor);
  return fromHost({ shape, data });
};

interface Case {
  readonly run: (inputs: readonly Variable[]) => Variable;
  readonly shapes: readonly (readonly number[])[];
  readonly divisor?: number;
  readonly to: readonly number[];
  readonly y: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

const product = (shapes: Case['shapes'], to: Case['to'], y: Case['y'], ...gradients: Case['gradients']): Case => ({
  run: ([a, b]) => matmul(a!, b!),
  shapes,
  to,
  y,
  gradients,
});
const layer = (x: readonly number[], y: Case['y'], ...gradients: Case['gradients']): Case => ({
  run: ([v, weight, bias]) => linear(v!, weight!, bias ?? null),
  shapes: [x, [2, 3], [2]],
  to: [...x.slice(0, -1), 2],
  y,
  gradients,
});
const attention = (
  attributes: { scale: number; isCausal?: boolean },
  ...[shapes, to, y, gradients]: [Case['shapes'], Case['to'], Case['y'], Case['gradients']]
): Case => ({
  run: (inputs) => scaledDotProductAttention(inputs, { isCausal: false, ...attributes }),
  shapes,
  divisor: 4,
  to,
  y,
  gradients,
});

const batches = [
  [12, -31, 9, -25, -28, 6, -28, 15, 9, 21, 12, 0, -5, 14, -8, 20, 16, -9, 16, 0, -7, 1, -4, -20],
  [-26, 46, -23, 37, 14, -41, 17, 5],
  [-14, 5, 27, -22, 51, -18, -26, 35, -16, 3, 31, -18],
] as const;
const ofTokens = [
  [19, 20, -7, -14, -11, -15, -15, -16],
  [12, -16, 0, -3, 11, 3, 4, -17, -5, -11, 10, -2],
  [-11, 5, 21, 38, -14, -22],
  [-4, 2],
] as const;

/** torch 2.15 in float64; R is `sample` with seed 9. */
const cases: Record<string, Case> = {
  'two vectors': product([[3], [3]], [], [18], [0, 0, 0], [0, 0, 0]),
  'a matrix and a vector': product([[2, 3], [3]], [2], [18, -8], [0, 0, 0, 8, -20, -4], [-20, -4, 12]),
  'a vector and a matrix': product([[3], [3, 2]], [2], [4, -31], [-20, 12, 0], [0, 20, 0, -8, 0, 8]),
  'two matrices': product(
    [
      [2, 3],
      [3, 2],
    ],
    [2, 2],
    [4, -31, -21, 22],
    [-20, 12, 0, -11, 6, 12],
    [15, 15, 3, -9, -9, 11],
  ),
  'many matrices and one': product(
    [
      [2, 2, 3],
      [3, 2],
    ],
    [2, 2, 2],
    [4, -31, -21, 22, -24, 20, -27, 18],
    [-20, 12, 0, -11, 6, 12, 20, -11, -20, 29, -17, -8],
    [-11, 38, 5, -14, 21, -22],
  ),
  'many matrices and a vector': product(
    [[2, 2, 3], [3]],
    [2, 2],
    [18, -8, -12, -16],
    [0, 0, 0, 8, -20, -4, -6, 15, 3, 2, -5, -1],
    [-11, -3, 5],
  ),
  'a vector and many matrices': product(
    [[2], [2, 2, 3]],
    [2, 3],
    [4, -17, -5, 10, -11, 1],
    [-30, -25],
    [0, 20, -15, 0, -8, 6, 5, 25, -10, -2, -10, 4],
  ),
  'batches that broadcast in both directions': product(
    [
      [2, 1, 2, 2],
      [3, 2, 2],
    ],
    [2, 3, 2, 2],
    ...batches,
  ),
  'maps, pair by pair': product(
    [
      [2, 2, 1, 3],
      [2, 2, 3, 1],
    ],
    [2, 2, 1, 1],
    [18, -11, -12, -7],
    [0, 0, 0, 12, -16, 0, -12, 9, -3, 5, -2, 2],
    [0, 0, 0, -20, -4, 12, 12, 0, -12, -3, 1, 5],
  ),
  'one matrix and many': product(
    [
      [1, 2, 2],
      [2, 2, 1],
    ],
    [2, 2, 1],
    [20, 29, -11, -17],
    [3, -9, 7, -17],
    [8, -20, -13, 1],
  ),
  'five dimensions and four': product(
    [
      [2, 1, 1, 2, 2],
      [1, 2, 2, 1],
    ],
    [2, 1, 2, 2, 1],
    [20, 29, -11, -17, -17, -8, 10, 4],
    [3, -9, 7, -17, 8, -19, 1, -5],
    [11, -5, 5, 7],
  ),
  'a linear layer of one image': layer([3], [19, 20], [12, -16, 0], [0, 0, 0, 20, -8, 8], [0, -4]),
  'a linear layer of tokens': layer([2, 2, 3], ...ofTokens),
  'a linear layer of a map': layer([2, 2, 1, 3], ...ofTokens),
  'attention without heads': attention(
    { scale: 0.5 },
    [
      [2, 2, 2],
      [2, 3, 2],
      [2, 3, 1],
    ],
    [2, 2, 1],
    [0.151156985, 0.2490189, -0.167422506, 0.029037368],
    [
      [0, 0, -0.227413892, -0.230890314, 0.342890801, 0.474371438, -0.127568749, -0.118835928],
      [
        0.000632077, -0.001580192, -0.152873415, 0.382183537, 0.152241338, -0.380603345, 0.015128356, -0.035858356,
        0.025538019, 0.414607512, -0.040666375, -0.378749156,
      ],
      [-2.57701277, -0.612094184, -0.810893046, 0.352420462, 1.009708309, 0.637871229],
    ],
  ),
  'causal attention of two heads': attention(
    { scale: 0.7, isCausal: true },
    [
      [1, 2, 3, 2],
      [1, 2, 3, 2],
      [1, 2, 3, 2],
    ],
    [1, 2, 3, 2],
    [
      0.25, -0.75, 0.338422552, -0.661577448, 0.148166767, 0.166989434, -0.25, -1.25, -0.121371423, -1.121371423,
      0.616522169, -0.383477831,
    ],
    [
      [
        0, 0, 0.081897713, -0.218393902, 1.525251886, 0.858463918, 0, 0, -0.111896571, 0.298390856, 0.584243399,
        -0.215498736,
      ],
      [
        -0.006018613, 0.045355075, -0.441781595, 1.298045546, 0.447800207, -1.343400622, -0.076491598, 0.475415723,
        0.198535567, 0.134804123, -0.122043969, -0.610219846,
      ],
      [
        1.907167835, -4.586446482, -2.054762986, 0.845484542, -1.85240485, 0.74096194, -0.692058918, 2.51451431,
        2.591161499, -0.51451431, 1.100897419, 0,
      ],
    ],
  ),
  'attention of two images and heads, with a mask for each image': attention(
    { scale: 1.5 },
    [
      [2, 2, 1, 2],
      [2, 2, 3, 2],
      [2, 2, 3, 1],
      [2, 1, 1, 3],
    ],
    [2, 2, 1, 1],
    [0.232674941, -0.001751196, -0.120133122, -0.454172363],
    [
      [0, 0, -0.006325676, -0.034958533, -0.313658086, -1.04941087, 0.116490182, -0.065440782],
      [
        0, 0, 0, 0, 0, 0, 0.005205974, -0.013014935, -0.014629065, 0.036572663, 0.009423091, -0.023557728, -0.102863587,
        0.308590762, -0.066886617, 0.20065985, 0.169750204, -0.509250612, 0.066156714, 0, -0.045059052, 0, -0.021097662,
        0,
      ],
      [
        0, 0, 0, -3.963747224, -0.019539638, -0.016713138, 2.112185205, 0.157863121, 0.729951675, -0.96239909,
        -0.017626954, -0.019973956,
      ],
      [-0.006941299, 0.01950542, -0.012564122, -0.230198423, -0.20840368, 0.438602103],
    ],
  ),
  'attention of matrices, with a mask that is a vector': attention(
    { scale: 1.5 },
    [[2, 2], [2, 2], [2, 2], [2]],
    [2, 2],
    [0.264789346, -0.735210654, 0.253679054, -0.746320946],
    [
      [-0.065239709, 0.173972557, 0.008237266, -0.021966042],
      [-0.103241337, 0.029764363, 0.103241337, -0.029764363],
      [2.985283783, -4.916218082, 0.014716217, -0.083781918],
      [0.050668838, -0.050668838],
    ],
  ),
};

describe.each([
  ['cpu', 'cpu', false],
  ['wasm', 'wasm', false],
  ['wasm with its fast products only', 'wasm', true],
])('on %s', (_name, backend, onlyPlainProductsAreFast) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
    Object.assign(tf.backend(), { onlyPlainProductsAreFast });
  });
  afterAll(() => void Object.assign(tf.backend(), { onlyPlainProductsAreFast: undefined }));

  it.each(Object.entries(cases))('%s, and all gradients', async (_case, { run, shapes, divisor, to, y, gradients }) => {
    const before = tf.memory().numTensors;
    await scoped(async () => {
      const inputs = shapes.map((shape, seed) => start(sample(shape, seed, divisor)));
      const output = run(inputs);
      expect(nchwShape(output.shape)).toEqual(to);
      expectClose((await toHost(output.value)).data, y);
      const found = grad(output, sample(to, 9), inputs);
      for (const [i, gradient] of found.entries()) {
        expect(nchwShape(gradient.shape)).toEqual(shapes[i]);
        expectClose((await toHost(gradient)).data, gradients[i]!);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  // Large enough that each pair of matrices is multiplied alone, and that both factors are the one to transpose.
  it.each([
    [3, 128, 32, 96],
    [2, 8, 520, 80],
    [2, 80, 520, 8],
    [1, 5, 40, 64],
    [1, 64, 40, 5],
  ])('%i products of %i × %i and %i columns, with every factor transposed or not', (n, rows, inner, columns) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const [a, b] = [integers([n, rows, inner], 1), integers([n, inner, columns], 2)];
      const [x, y] = [start(a), start(b)];
      const output = matmul(x, y);
      expect(values(output.value)).toEqual(values(tf.matMul(a, b)));
      const R = integers([n, rows, columns], 3);
      const [ofX, ofY] = grad(output, R, [x, y]);
      expect(values(ofX!)).toEqual(values(tf.matMul(R, b, false, true)));
      expect(values(ofY!)).toEqual(values(tf.matMul(a, R, true, false)));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps NaN', () => {
    const x = tf.tensor2d([NaN, 1, 1, 1, 2, 3, 4, 5], [2, 4]);
    const y = tf.tidy(() => matmul(start(x), start(tf.ones([4, 9]))).value);
    expect(values(y)).toEqual([...Array<number>(9).fill(NaN), ...Array<number>(9).fill(14)]);
    tf.dispose([x, y]);
  });
});

it.each<[string, (inputs: readonly Variable[]) => Variable, number[][]]>([
  [
    'matmul does not take [2,3] and [2,3]',
    ([a, b]) => matmul(a!, b!),
    [
      [2, 3],
      [2, 3],
    ],
  ],
  ['matmul does not take [2] and []', ([a, b]) => matmul(a!, b!), [[2], []]],
  [
    'matmul does not take [2,1,1] and [3,1,1]',
    ([a, b]) => matmul(a!, b!),
    [
      [2, 1, 1],
      [3, 1, 1],
    ],
  ],
  [
    'scaled_dot_product_attention does not take [1,2] and [3,2] and [2,2]',
    (inputs) => scaledDotProductAttention(inputs, { scale: 1, isCausal: false }),
    [
      [1, 2],
      [3, 2],
      [2, 2],
    ],
  ],
])('%s', (message, run, shapes) => {
  expect(() => tf.tidy(() => void run(shapes.map((shape) => start(tf.zeros(shape)))))).toThrow(
    expect.objectContaining({ code: 'bad-input', message }),
  );
});

it('a weight of one row or column may be multiplied in its own shape afterwards', async () => {
  await tf.setBackend('wasm');
  Object.assign(tf.backend(), { onlyPlainProductsAreFast: true });
  for (const shape of [
    [1, 2],
    [2, 1],
  ] as const) {
    const weight = start(tf.tensor([3, 5], [...shape]));
    const { y } = withGradient((x) => linear(x, weight, null), tf.ones([2, shape[1]]));
    expect(Array.from(y.dataSync())).toEqual(shape[0] === 1 ? [8, 8] : [3, 5, 3, 5]);
    const product = tf.matMul(tf.ones([1, shape[0]]), weight.value as tf.Tensor2D);
    expect(Array.from(product.dataSync())).toEqual(shape[0] === 1 ? [3, 5] : [8]);
  }
  Object.assign(tf.backend(), { onlyPlainProductsAreFast: undefined });
});

function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
}
