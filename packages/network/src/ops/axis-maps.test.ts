import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyAxisMaps, axisMap } from './axis-maps.js';
import { adaptiveAvgPool2d, avgPool2d } from '../functional/functional.js';
import { dot, integers4, image, values, withGradient } from '../testing.js';
import type { Variable } from '../autograd/variable.js';

type AvgPool = Parameters<typeof avgPool2d>[1];
const pool: AvgPool = {
  kernelSize: [2, 2],
  stride: [2, 2],
  padding: [0, 0],
  ceilMode: false,
  countIncludePad: true,
  divisorOverride: null,
};
const ones = (h: number, w: number): number[][] => Array.from({ length: h }, () => Array.from({ length: w }, () => 1));

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it('is one matrix over rows and one over columns', () => {
    const vertical = axisMap(1, 2, (set) => [set(0, 1), set(1, 10)]);
    const horizontal = axisMap(2, 3, (set, row) => [set(row, 1), set(2, 100)]);
    const x = image([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    // Rows: 1·first + 10·second = [41, 52, 63]; columns: [41 + 6300, 52 + 6300].
    expect(values(applyAxisMaps(x, vertical, horizontal))).toEqual([6341, 6352]);
    const back = applyAxisMaps(image([[1, 2]]), vertical, horizontal, true);
    expect(back.shape).toEqual([1, 2, 3, 1]);
    expect(values(back)).toEqual([1, 2, 300, 10, 20, 3000]);
  });

  it('adds to a column that is set twice', () => {
    expect([...axisMap(1, 2, (set) => [set(1, 1), set(1, 2)]).data]).toEqual([0, 3]);
  });

  // Each row as PyTorch's F.avg_pool2d answers.
  it.each<{ name: string; settings: Partial<AvgPool>; x: number[][]; expected: number[] }>([
    {
      name: 'non-overlapping',
      settings: {},
      x: [
        [1, 2, 9],
        [3, 6, 9],
      ],
      expected: [3],
    },
    {
      name: 'padding counts: a corner of ones is 4/9',
      settings: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] },
      x: ones(3, 3),
      expected: [4 / 9, 4 / 9, 4 / 9, 4 / 9],
    },
    {
      name: 'padding does not count',
      settings: { kernelSize: [3, 3], stride: [2, 2], padding: [1, 1], countIncludePad: false },
      x: ones(3, 3),
      expected: [1, 1, 1, 1],
    },
    {
      name: 'pixels beyond the padding in ceil mode never count',
      settings: { ceilMode: true },
      x: ones(1, 3),
      expected: [1, 1],
    },
    {
      name: 'ceil mode with padding: the last window covers one padded column',
      settings: { kernelSize: [1, 3], stride: [1, 2], padding: [0, 1], ceilMode: true },
      x: ones(1, 4),
      expected: [2 / 3, 1, 1 / 2],
    },
    {
      name: 'a divisor of its own',
      settings: { divisorOverride: 3 },
      x: [
        [1, 2],
        [3, 6],
      ],
      expected: [4],
    },
    {
      name: 'a divisor of its own, at the padded corner too',
      settings: { padding: [1, 1], divisorOverride: 2 },
      x: [
        [4, 2],
        [6, 8],
      ],
      expected: [2, 1, 3, 4],
    },
    {
      name: 'not square',
      settings: { kernelSize: [1, 2], stride: [1, 1] },
      x: [
        [1, 3, 5],
        [2, 4, 6],
      ],
      expected: [2, 4, 3, 5],
    },
  ])('average pooling: $name', ({ settings, x, expected }) => {
    expectClose(avgPool2d, x, { ...pool, ...settings }, expected);
  });

  it.each<{ name: string; size: readonly [number | null, number | null]; x: number[][]; expected: number[] }>([
    {
      name: 'the mean of all',
      size: [1, 1],
      x: [
        [1, 2],
        [3, 6],
      ],
      expected: [3],
    },
    { name: '5 to 3: windows overlap', size: [1, 3], x: [[0, 2, 4, 6, 10]], expected: [1, 4, 8] },
    { name: '2 to 3: values repeat', size: [1, 3], x: [[2, 4]], expected: [2, 3, 4] },
    {
      name: 'null keeps the size',
      size: [null, 1],
      x: [
        [1, 3],
        [5, 9],
      ],
      expected: [2, 7],
    },
  ])('adaptive average pooling: $name', ({ size, x, expected }) => {
    expectClose(adaptiveAvgPool2d, x, size, expected);
  });
});

function expectClose<S>(
  run: (x: Variable, settings: S) => Variable,
  x: number[][],
  settings: S,
  expected: readonly number[],
): void {
  const actual = values(withGradient((v) => run(v, settings), image(x)).y);
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
}

it('gradients are the transpose: ⟨pool x, R⟩ = ⟨x, ∂⟩', () => {
  tf.setBackend('cpu');
  const pairs = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
  const cases = fc.record({
    size: pairs(3, 8),
    kernelSize: pairs(2, 3),
    stride: pairs(1, 3),
    padding: pairs(0, 1),
    ceilMode: fc.boolean(),
    countIncludePad: fc.boolean(),
    to: pairs(1, 9),
  });
  fc.assert(
    fc.property(cases, ({ size, to, ...settings }) =>
      tf.tidy(() => {
        const x = integers4([2, ...size, 2]);
        for (const run of [
          (v: Variable) => avgPool2d(v, { ...settings, divisorOverride: null }),
          (v: Variable) => adaptiveAvgPool2d(v, to),
        ]) {
          const R = integers4(withGradient(run, x).y.shape as [number, number, number, number], 1);
          const { y, gradient } = withGradient(run, x, R);
          expect(dot(y, R)).toBeCloseTo(dot(x, gradient), 4);
        }
      }),
    ),
    { numRuns: 40 },
  );
});
