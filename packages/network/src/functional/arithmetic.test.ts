import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';
import { start, values } from '../testing.js';
import { add, mul, scale } from './arithmetic.js';

beforeAll(() => tf.setBackend('cpu'));

const counted = (shape: number[], from: number) =>
  tf.reshape(tf.range(from, from + tf.util.sizeFromShape(shape)), shape);

// torch 2.15: a is 1, 2, …; b is 10, 11, …; the output's gradient is 1, 2, …
it.each<{ shapes: [number[], number[]]; sum: [number[], number[]]; product: [number[], number[]] }>([
  {
    shapes: [
      [2, 2],
      [2, 1],
    ],
    sum: [
      [1, 2, 3, 4],
      [3, 7],
    ],
    product: [
      [10, 20, 33, 44],
      [5, 25],
    ],
  },
  {
    shapes: [[2, 2], [2]],
    sum: [
      [1, 2, 3, 4],
      [4, 6],
    ],
    product: [
      [10, 22, 30, 44],
      [10, 20],
    ],
  },
  { shapes: [[2, 2], []], sum: [[1, 2, 3, 4], [10]], product: [[10, 20, 30, 40], [30]] },
  {
    shapes: [
      [1, 2],
      [1, 2],
    ],
    sum: [
      [1, 2],
      [1, 2],
    ],
    product: [
      [10, 22],
      [1, 4],
    ],
  },
  {
    shapes: [
      [1, 2],
      [1, 1],
    ],
    sum: [[1, 2], [3]],
    product: [[10, 20], [5]],
  },
  { shapes: [[1], [2, 1]], sum: [[3], [1, 2]], product: [[32], [1, 2]] },
  { shapes: [[2, 2], [1]], sum: [[1, 2, 3, 4], [10]], product: [[10, 20, 30, 40], [30]] },
])('the gradients of a sum and of a product undo the broadcasting of $shapes', ({ shapes, sum, product }) => {
  for (const [run, expected] of [[add, sum] as const, [mul, product] as const]) {
    const [a, b] = [start(counted(shapes[0], 1)), start(counted(shapes[1], 10))];
    const y = run(a, b);
    const gradients = grad(y, counted(y.shape, 1), [a, b]);
    expect(gradients.map(({ shape }) => shape)).toEqual(shapes);
    expect(gradients.map(values)).toEqual(expected);
  }
});

it('scale multiplies the value and the gradient', () => {
  const x = start(tf.tensor1d([1, -2]));
  const y = scale(x, -3);
  expect(values(y.value)).toEqual([-3, 6]);
  expect(values(grad(y, tf.tensor1d([1, 10]), [x])[0]!)).toEqual([-3, -30]);
  expect(scale(Variable.leaf(x.value), 2).requiresGrad).toBe(false);
});
