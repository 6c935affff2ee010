import { describe, expect, it } from 'vitest';
import { tensor } from '../core/testing.js';
import { flipped, toFormat, toInt8, toUint8, transposed } from './weights.js';

const values = [0.1, -1 / 3, 1e-5, 3e-8, 1.00048828125, 1.00146484375, 0, 100.3];

// torch 2: tensor.half(), tensor.bfloat16()
it.each([
  {
    format: 'float16',
    change: toFormat(10, -14),
    expected: [
      0.0999755859375, -0.333251953125, 1.0013580322265625e-5, 5.960464477539063e-8, 1, 1.001953125, 0, 100.3125,
    ],
  },
  {
    format: 'bfloat16',
    change: toFormat(7, -126),
    expected: [0.10009765625, -0.333984375, 1.0013580322265625e-5, 3.003515303134918e-8, 1, 1, 0, 100.5],
  },
])('$format has the values that PyTorch rounds to', ({ change, expected }) => {
  expect([...change(tensor([8], values)).data]).toEqual(expected);
});

describe('int8', () => {
  it('has 127 steps to the largest magnitude', () => {
    expect([...toInt8(tensor([1, 4], [127, -63.6, 0.4, 2.5])).data]).toEqual([127, -64, 0, 2]);
  });

  it('leaves biases, and a tensor of zeros', () => {
    expect([...toInt8(tensor([2], [127, 0.4])).data]).toEqual([127, Math.fround(0.4)]);
    expect([...toInt8(tensor([1, 2], [0, 0])).data]).toEqual([0, 0]);
  });
});

it('uint8 has 255 steps from the smallest to the largest value, one of which is 0', () => {
  expect([...toUint8(tensor([4], [-0.4, 254.6, 10.2, 0])).data]).toEqual([0, 255, 10, 0]);
  expect([...toUint8(tensor([3], [10, 265, 11.4])).data]).toEqual([10, 265, 11]);
  expect([...toUint8(tensor([2], [3, 3])).data]).toEqual([3, 3]);
});

it('kernels are flipped or transposed one by one', () => {
  const kernels = tensor([2, 1, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect([...flipped(kernels).data]).toEqual([6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7]);
  expect([...transposed(tensor([1, 1, 2, 2], [1, 2, 3, 4])).data]).toEqual([1, 3, 2, 4]);
  expect([...transposed(kernels).data].slice(0, 6)).toEqual([1, 4, 2, 5, 3, 6]);
});
