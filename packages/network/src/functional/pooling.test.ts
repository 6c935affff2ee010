import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { maxPool2d } from './functional.js';
import { pytorchRules } from '../rules.js';
import { integers4, image, values, withGradient } from '../testing.js';
import type { Size2 } from '../ops/windows.js';

type MaxPool = Parameters<typeof maxPool2d>[1];
const pool: MaxPool = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false };
const run = (settings: MaxPool, x: tf.Tensor4D, R?: tf.Tensor) =>
  withGradient((v) => maxPool2d(v, settings, pytorchRules), x, R);

/** The output gradients are 1, 2, 3, …, so that each window's share can be told apart. */
function counted(settings: MaxPool, rows: number[][]): { y: number[]; gradient: number[] } {
  const { y } = run(settings, image(rows));
  const R = tf.reshape(tf.range(1, y.size + 1), y.shape);
  return { y: values(y), gradient: values(run(settings, image(rows), R).gradient) };
}

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  // Each row is PyTorch's answer; docs/traps.md explains the traps.
  it.each<{ name: string; settings: Partial<MaxPool>; x: number[][]; y: number[]; gradient: number[] }>([
    {
      name: 'a tie goes to the first',
      settings: {},
      x: [
        [5, 5],
        [5, 5],
      ],
      y: [5],
      gradient: [1, 0, 0, 0],
    },
    {
      name: 'a tie further on goes to the first of the tied',
      settings: {},
      x: [
        [1, 5],
        [5, 5],
      ],
      y: [5],
      gradient: [0, 1, 0, 0],
    },
    {
      name: 'a window of zeros',
      settings: {},
      x: [
        [0, 0],
        [0, 0],
      ],
      y: [0],
      gradient: [1, 0, 0, 0],
    },
    {
      name: 'a negative window',
      settings: {},
      x: [
        [-4, -2],
        [-3, -2],
      ],
      y: [-2],
      gradient: [0, 1, 0, 0],
    },
    {
      name: 'overlapping windows add up',
      settings: { stride: [1, 1] },
      x: [
        [0, 1, 0],
        [0, 9, 0],
        [0, 0, 0],
      ],
      y: [9, 9, 9, 9],
      gradient: [0, 0, 0, 0, 10, 0, 0, 0, 0],
    },
    {
      name: 'ceil mode: partial windows have gradients too',
      settings: { ceilMode: true },
      x: [
        [3, 1, 2],
        [0, 3, 1],
        [1, 0, 5],
      ],
      y: [3, 2, 1, 5],
      gradient: [1, 0, 2, 0, 0, 0, 3, 0, 4],
    },
    {
      name: 'padding is −∞, also where all is negative',
      settings: { padding: [1, 1], stride: [1, 1] },
      x: [
        [-5, -2, -3, -2],
        [-2, -9, -1, -1],
      ],
      y: [-5, -2, -2, -2, -2, -2, -2, -1, -1, -1, -2, -2, -1, -1, -1],
      gradient: [1, 12, 0, 9, 29, 0, 44, 25],
    },
    {
      name: 'a size that the stride does not divide leaves the rest without gradient',
      settings: {},
      x: [
        [1, 2, 9],
        [3, 4, 9],
        [9, 9, 9],
      ],
      y: [4],
      gradient: [0, 0, 0, 0, 1, 0, 0, 0, 0],
    },
    {
      name: 'a stride beyond the kernel',
      settings: { kernelSize: [1, 1], stride: [1, 2] },
      x: [[7, 9, 8]],
      y: [7, 8],
      gradient: [1, 0, 2],
    },
    {
      name: 'dilation',
      settings: { kernelSize: [1, 2], stride: [1, 1], dilation: [1, 2] },
      x: [[1, 9, 1, 2]],
      y: [1, 9],
      gradient: [1, 2, 0, 0],
    },
  ])('$name', ({ settings, x, y, gradient }) => {
    expect(counted({ ...pool, ...settings }, x)).toEqual({ y, gradient });
  });
});

const pairs = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

it.each(['cpu', 'wasm'])('forward and gradient equal the loops, whatever the settings, on %s', async (backend) => {
  await tf.setBackend(backend);
  const cases = fc
    .record({
      kernelSize: pairs(1, 3),
      stride: pairs(1, 3),
      dilation: pairs(1, 2),
      ceilMode: fc.boolean(),
      half: fc.tuple(fc.boolean(), fc.boolean()),
      spare: pairs(0, 4),
    })
    .map(({ half, spare, ...window }) => {
      // PyTorch pads by at most half of the kernel.
      const padding: Size2 = [
        half[0] ? Math.floor(window.kernelSize[0] / 2) : 0,
        half[1] ? Math.floor(window.kernelSize[1] / 2) : 0,
      ];
      const extent = (i: 0 | 1) =>
        Math.max(1, window.dilation[i] * (window.kernelSize[i] - 1) + 1 - 2 * padding[i]) + spare[i];
      return { size: [extent(0), extent(1)] as Size2, settings: { ...window, padding } };
    });
  fc.assert(
    fc.property(cases, ({ size, settings }) =>
      tf.tidy(() => {
        const x = integers4([2, ...size, 2]);
        const { y } = run(settings, x);
        fc.pre(values(y).every(Number.isFinite)); // a dilated window may only see padding
        const R = integers4(y.shape as tf.Tensor4D['shape'], 3);
        const expected = loops(x, R, settings);
        expect(y.shape.slice(1, 3)).toEqual(expected.size);
        expect(values(y)).toEqual(expected.y);
        expect(values(run(settings, x, R).gradient)).toEqual(expected.gradient);
      }),
    ),
    { numRuns: 60 },
  );
});

/** The definition of MaxPool2d, NHWC: the first of a window's maxima, in row-major order, is the window's. */
function loops(x: tf.Tensor4D, R: tf.Tensor4D, { kernelSize, stride, padding, dilation, ceilMode }: MaxPool) {
  const [N, H, W, C] = x.shape;
  const extent = (from: number, i: 0 | 1): number => {
    const span = from + 2 * padding[i] - dilation[i] * (kernelSize[i] - 1) - 1;
    if (!ceilMode) return Math.floor(span / stride[i]) + 1;
    const size = Math.ceil(span / stride[i]) + 1;
    return (size - 1) * stride[i] >= from + padding[i] ? size - 1 : size;
  };
  const size: Size2 = [extent(H, 0), extent(W, 1)];
  const [xs, Rs] = [x.dataSync(), R.dataSync()];
  const y = Array.from({ length: N * size[0] * size[1] * C }, () => -Infinity);
  const gradient = Array.from({ length: xs.length }, () => 0);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < size[0]; i++)
      for (let j = 0; j < size[1]; j++)
        for (let c = 0; c < C; c++) {
          const at = ((n * size[0] + i) * size[1] + j) * C + c;
          let winner = -1;
          for (let ky = 0; ky < kernelSize[0]; ky++)
            for (let kx = 0; kx < kernelSize[1]; kx++) {
              const [row, column] = [
                i * stride[0] - padding[0] + ky * dilation[0],
                j * stride[1] - padding[1] + kx * dilation[1],
              ];
              if (row < 0 || row >= H || column < 0 || column >= W) continue;
              const here = ((n * H + row) * W + column) * C + c;
              if (winner === -1 || xs[here]! > xs[winner]!) winner = here;
            }
          y[at] = xs[winner]!;
          gradient[winner]! += Rs[at]!;
        }
  return { size: [...size], y, gradient };
}
