import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { adaptiveAvgPool2d, add, batchNorm, cat, flatten, linear, relu, zeroPad2d } from './functional.js';
import { deconvRelu, guidedRelu, plainRelu, pytorchRules, type GradientRules } from '../rules.js';
import { integers4, image, start, values, withGradient } from '../testing.js';
import { Variable } from '../autograd/variable.js';

const withRelu = (rule: GradientRules['relu']): GradientRules => ({ ...pytorchRules, relu: rule });

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  describe('ReLU', () => {
    const inputs = [-1, -0, 0, 1e-30, 2, 6, 7];
    it.each<{ name: string; ceiling: number; rule: GradientRules['relu']; R: number; y: number[]; gradient: number[] }>(
      [
        {
          name: 'plain: 0 at 0',
          ceiling: Infinity,
          rule: plainRelu,
          R: 3,
          y: [0, 0, 0, 1e-30, 2, 6, 7],
          gradient: [0, 0, 0, 3, 3, 3, 3],
        },
        {
          name: 'plain, negative R',
          ceiling: Infinity,
          rule: plainRelu,
          R: -3,
          y: [0, 0, 0, 1e-30, 2, 6, 7],
          gradient: [0, 0, 0, -3, -3, -3, -3],
        },
        {
          name: 'ReLU6: 0 at 0 and at 6',
          ceiling: 6,
          rule: plainRelu,
          R: 3,
          y: [0, 0, 0, 1e-30, 2, 6, 6],
          gradient: [0, 0, 0, 3, 3, 0, 0],
        },
        {
          name: 'deconv does not look at x',
          ceiling: 6,
          rule: deconvRelu,
          R: 3,
          y: [0, 0, 0, 1e-30, 2, 6, 6],
          gradient: [3, 3, 3, 3, 3, 3, 3],
        },
        {
          name: 'deconv, negative R',
          ceiling: Infinity,
          rule: deconvRelu,
          R: -3,
          y: [0, 0, 0, 1e-30, 2, 6, 7],
          gradient: [0, 0, 0, 0, 0, 0, 0],
        },
        {
          name: 'guided is both masks',
          ceiling: Infinity,
          rule: guidedRelu,
          R: 3,
          y: [0, 0, 0, 1e-30, 2, 6, 7],
          gradient: [0, 0, 0, 3, 3, 3, 3],
        },
        {
          name: 'guided, negative R',
          ceiling: Infinity,
          rule: guidedRelu,
          R: -3,
          y: [0, 0, 0, 1e-30, 2, 6, 7],
          gradient: [0, 0, 0, 0, 0, 0, 0],
        },
        {
          name: 'guided ReLU6',
          ceiling: 6,
          rule: guidedRelu,
          R: 3,
          y: [0, 0, 0, 1e-30, 2, 6, 6],
          gradient: [0, 0, 0, 3, 3, 0, 0],
        },
      ],
    )('$name', ({ ceiling, rule, R, y, gradient }) => {
      const x = tf.tensor1d(inputs);
      const result = withGradient((v) => relu(v, withRelu(rule), { ceiling }), x, tf.mul(tf.onesLike(x), R));
      expect(values(result.y)).toEqual(Array.from(Float32Array.from(y)));
      expect(values(result.gradient)).toEqual(gradient);
    });

    it('belongs to the call, not to the tensor: relu(x) + x has clip(R) + R', () => {
      const { gradient } = withGradient(
        (v) => add(relu(v, withRelu(deconvRelu)), v),
        tf.tensor1d([-1, 1]),
        tf.tensor1d([5, -5]),
      );
      expect(values(gradient)).toEqual([10, -5]);
    });
  });

  it('linear: x·Wᵀ + b and its three gradients', () => {
    const [x, weight, bias] = [
      start(tf.tensor2d([[1, 2]])),
      start(
        tf.tensor2d([
          [1, 0],
          [2, 3],
          [0, -1],
        ]),
      ),
      start(tf.tensor1d([10, 20, 30])),
    ];
    const y = linear(x, weight, bias);
    expect(values(y.value)).toEqual([11, 28, 28]);
    const [ofX, ofWeight, ofBias] = grad(y, tf.tensor2d([[1, 10, 100]]), [x, weight, bias]);
    expect(values(ofX!)).toEqual([21, -70]);
    expect(values(ofWeight!)).toEqual([1, 2, 10, 20, 100, 200]);
    expect(values(ofBias!)).toEqual([1, 10, 100]);
  });

  it('batch normalisation with stored statistics: (x − mean)·weight/√(variance + ε) + bias', () => {
    const x = start(tf.tensor4d([3, 10, 5, 30], [1, 1, 2, 2]));
    const [weight, bias] = [start(tf.tensor1d([2, 3])), start(tf.tensor1d([100, 200]))];
    const y = batchNorm(x, tf.tensor1d([1, 10]), tf.tensor1d([3, 15]), weight, bias, 1); // deviations 2 and 4
    expectClose(values(y.value), [102, 200, 104, 215]);
    const [ofX, ofWeight, ofBias] = grad(y, tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]), [x, weight, bias]);
    expectClose(values(ofX!), [1, 7.5, 100, 750]);
    expectClose(values(ofWeight!), [1 * 1 + 100 * 2, 1000 * 5]);
    expectClose(values(ofBias!), [101, 1010]);
  });

  it('batch normalisation without weight and bias', () => {
    const { y, gradient } = withGradient(
      (v) => batchNorm(v, tf.tensor1d([1]), tf.tensor1d([3]), null, null, 1),
      image([[5, 1]]),
    );
    expectClose(values(y), [2, 0]);
    expectClose(values(gradient), [0.5, 0.5]);
  });

  it('zero padding, left, right, top, bottom', () => {
    const { y, gradient } = withGradient(
      (v) => zeroPad2d(v, [1, 0, 0, 2]),
      image([[1, 2]]),
      image([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
      ]),
    );
    expect(y.shape).toEqual([1, 3, 3, 1]);
    expect(values(y)).toEqual([0, 1, 2, 0, 0, 0, 0, 0, 0]);
    expect(values(gradient)).toEqual([2, 3]);
  });

  it('flatten and back runs in NCHW order', () => {
    const x = tf.tensor4d([0, 4, 1, 5, 2, 6, 3, 7], [1, 2, 2, 2]); // NHWC; NCHW: 0…7
    const { y, gradient } = withGradient((v) => flatten(v, 1, -1), x, tf.tensor2d([[10, 11, 12, 13, 14, 15, 16, 17]]));
    expect(y.shape).toEqual([1, 8]);
    expect(values(y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(values(gradient)).toEqual([10, 14, 11, 15, 12, 16, 13, 17]);
  });

  it.each([
    { start: 0, end: -1, shape: [48] },
    { start: 1, end: 2, shape: [2, 6, 4] },
    { start: 2, end: 3, shape: [2, 3, 8] },
    { start: -1, end: -1, shape: [2, 3, 2, 4] },
  ])('flatten from $start to $end', ({ start, end, shape }) => {
    expect(withGradient((v) => flatten(v, start, end), integers4([2, 2, 4, 3])).y.shape).toEqual(
      shape.length === 4 ? [2, 2, 4, 3] : shape,
    );
  });

  it.each([
    { dim: 1, axis: 3 },
    { dim: -1, axis: 2 },
    { dim: 0, axis: 0 },
  ])('cat along dimension $dim gives each part its own gradient', ({ dim, axis }) => {
    const shape = (n: number): [number, number, number, number] =>
      [1, 2, 2, 2].map((extent, i) => (i === axis ? n : extent)) as [number, number, number, number];
    const parts = [1, 3].map((n) => start(integers4(shape(n), n)));
    const y = cat(parts, dim);
    expect(y.shape).toEqual(shape(4));
    const R = integers4(shape(4), 7);
    const gradients = grad(y, R, parts);
    expect(gradients.map(({ shape }) => shape)).toEqual(parts.map(({ shape }) => shape));
    expect(values(tf.concat(gradients, axis))).toEqual(values(R));
    expect(values(y.value)).toEqual(
      values(
        tf.concat(
          parts.map(({ value }) => value),
          axis,
        ),
      ),
    );
  });

  it('add undoes broadcasting', () => {
    const [a, b] = [
      start(
        tf.tensor2d([
          [1, 2],
          [3, 4],
        ]),
      ),
      start(tf.tensor1d([10, 20])),
    ];
    const y = add(a, b);
    expect(values(y.value)).toEqual([11, 22, 13, 24]);
    const [ofA, ofB] = grad(
      y,
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
      [a, b],
    );
    expect(values(ofA!)).toEqual([1, 2, 3, 4]);
    expect(ofB!.shape).toEqual([2]);
    expect(values(ofB!)).toEqual([4, 6]);
  });
});

it('records nothing where no input requires a gradient', () => {
  expect(adaptiveAvgPool2d(Variable.leaf(image([[1, 2]])), [1, 1]).requiresGrad).toBe(false);
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 4);
}

describe('what PyTorch refuses, or we do not support, is an error and not a wrong answer', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    {
      title: 'a linear layer of other features',
      run: () => linear(start(image([[1, 2]])), start(tf.ones([1, 1])), null),
      code: 'bad-input',
    },
    {
      title: 'batch normalisation over other channels',
      run: () => batchNorm(start(image([[1, 2]])), tf.zeros([3]), tf.ones([3]), null, null, 1),
      code: 'bad-input',
    },
  ])('$title', ({ run, code }) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
