import { expect, it } from 'vitest';
import { ratiosOf } from './ratios.js';

it('divides neighbour by neighbour, with and without the forward pass', () => {
  expect(
    ratiosOf([
      [10, 40, 5],
      [20, 100, 10],
      [10, 30, 5],
    ]),
  ).toEqual({
    ours: { median: 10, min: 10, max: 20 },
    stock: { median: 40, min: 30, max: 100 },
    ratio: { median: 4, min: 3, max: 5 },
    ratioWithoutForward: { median: 7, min: 5, max: 9 },
  });
});

it('a slow spell that covers a round leaves its ratio alone', () => {
  const { ratio, ratioWithoutForward } = ratiosOf([
    [10, 40, 4],
    [70, 280, 28],
    [10, 40, 4],
  ]);
  expect([ratio, ratioWithoutForward]).toEqual([
    { median: 4, min: 4, max: 4 },
    { median: 6, min: 6, max: 6 },
  ]);
});
