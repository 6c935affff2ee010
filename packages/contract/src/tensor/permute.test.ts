import { expect, it } from 'vitest';
import { permute } from './permute.js';

const tensor = { shape: [2, 1, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };

it.each([
  [
    [0, 1, 2],
    [2, 1, 3],
    [0, 1, 2, 3, 4, 5],
  ],
  [
    [2, 1, 0],
    [3, 1, 2],
    [0, 3, 1, 4, 2, 5],
  ],
  [
    [1, 2, 0],
    [1, 3, 2],
    [0, 3, 1, 4, 2, 5],
  ],
])('axes %j', (order, shape, values) => {
  expect(permute(tensor, order)).toEqual({ shape, data: Float32Array.from(values) });
});

it('keeps float64, and an empty tensor', () => {
  const data = Float64Array.of(0.1, 0.2);
  expect(permute({ shape: [1, 2], data }, [1, 0])).toEqual({ shape: [2, 1], data });
  expect(permute({ shape: [0, 2], data: new Float64Array() }, [1, 0])).toEqual({
    shape: [2, 0],
    data: new Float64Array(),
  });
});
