import { describe, expect, test } from 'vitest';
import { shownMap } from './shown-map.js';

const map = (values: number[], percentile = 100, channels = 1) =>
  shownMap({ shape: [1, channels, 1, values.length / channels], data: Float64Array.from(values) }, 0, percentile);

describe('the ends of the colours', () => {
  test.each([
    { what: 'from 0', values: [1, 2, 4], low: 0, high: 4 },
    { what: 'both signs', values: [-3, 2], low: -3, high: 2 },
    { what: 'up to 0', values: [-3, -2], low: -3, high: 0 },
    { what: 'zeros', values: [0, 0], low: 0, high: 0 },
    { what: 'without NaN and ∞', values: [NaN, 2, Infinity], low: 0, high: 2 },
    { what: 'nothing finite', values: [NaN, -Infinity], low: 0, high: 0 },
    // numpy.percentile([0, 1, 2, 10], 50) and of [1, 3, 5]
    { what: 'the percentile', values: [0, 1, 2, 10], percentile: 50, low: 0, high: 1.5 },
    { what: 'the percentile of |values|', values: [-5, 1, 3], percentile: 50, low: -3, high: 3 },
    { what: 'a percentile of 0 clips nothing', values: [0, 0, 0, 7], percentile: 50, low: 0, high: 7 },
  ])('$what', ({ values, percentile, low, high }) => {
    const shown = map(values, percentile);
    expect([shown.low, shown.high].map((end) => end + 0)).toEqual([low, high]);
    expect(shown.percentile).toBe(percentile !== undefined && high !== 7 ? percentile : null);
  });
});

test('several channels: the sum of |values|', () => {
  const { values, summed } = map([1, -2, -3, 4, 5, -6], 100, 3);
  expect({ values: [...values], summed }).toEqual({ values: [9, 12], summed: true });
  expect([...map([1, -2]).values]).toEqual([1, -2]);
});

test('one image of a batch, and how many of its values are not finite', () => {
  const batch = { shape: [2, 1, 1, 2], data: Float32Array.from([NaN, NaN, 1, NaN]) };
  expect(shownMap(batch, 1, 100)).toMatchObject({ high: 1, notFinite: 1 });
});
