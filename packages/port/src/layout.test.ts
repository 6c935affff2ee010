import type { HostTensor } from '@touchstone/contract';
import { describe, expect, it } from 'vitest';
import { fromPortLayout, toPortForm, toPortLayout } from './layout.js';

const counting = (shape: readonly number[]): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => index),
});

describe('a port with NHWC', () => {
  it('is given the channels last', () => {
    // Two images of two channels of 1×3: pixel by pixel, the values of the channels are 3 apart.
    expect(toPortLayout(counting([2, 2, 1, 3]), 'NHWC')).toEqual({
      shape: [2, 1, 3, 2],
      data: Float32Array.of(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11),
    });
  });

  it.each([[[2, 3, 4, 5]], [[3, 2, 1, 4, 5]], [[1, 3, 0, 5]]])('gives back %j as it was', (shape) => {
    const tensor = counting(shape);
    expect(fromPortLayout(toPortLayout(tensor, 'NHWC'), 'NHWC')).toEqual(tensor);
  });

  it.each([[[]], [[6]], [[2, 3]], [[2, 3, 4]], [[1, 2, 3, 1, 2, 3]]])('is given %j unchanged', (shape) => {
    const tensor = counting(shape);
    expect(toPortLayout(tensor, 'NHWC')).toBe(tensor);
    expect(fromPortLayout(tensor, 'NHWC')).toBe(tensor);
  });
});

it('a port that declares nothing is given NCHW in float32', () => {
  const tensor = { shape: [1, 2, 1, 1], data: Float64Array.of(0.1, 2) };
  expect(toPortForm(tensor, {})).toEqual({ shape: [1, 2, 1, 1], data: Float32Array.of(0.1, 2) });
  expect(toPortForm(tensor, { dtype: 'float64', layout: 'NHWC' })).toEqual({
    shape: [1, 1, 1, 2],
    data: Float64Array.of(0.1, 2),
  });
});
