import { expect, it } from 'vitest';
import { maximum, median, pseudomedian, quantile } from './statistics.js';

it.each([
  [[5], 5],
  [[10, 9, 100], 10],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  const given = [...values];
  expect(median(given)).toBe(expected);
  expect(given).toEqual(values);
});

// Means of all pairs of 1, 2 and 9: 1, 1½, 5, 2, 5½, 9.
it('the pseudomedian is the median of the means of all pairs', () => expect(pseudomedian([9, 1, 2])).toBe(3.5));

it.each([
  [0, 1],
  [0.25, 2],
  [0.5, 3],
  [0.875, 7.5],
  [1, 9],
])('at a share of %d of 1, 2, 3, 6, 9 lies %d', (share, expected) => {
  expect(quantile([1, 2, 3, 6, 9], share)).toBe(expected);
});

it('the maximum is NaN where there is one, and −∞ of nothing', () => {
  expect(maximum([-3, -1, -2])).toBe(-1);
  expect(maximum([1, NaN, 2])).toBeNaN();
  expect(maximum([])).toBe(-Infinity);
});
