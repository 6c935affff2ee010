import { expect, it } from 'vitest';
import { slopeOf, slopePoints } from './slope.js';

const step = 2 ** -4;
const slopeAt0 = (f: (t: number) => number) =>
  slopeOf(
    slopePoints.map((point) => f(point * step)),
    step,
  );

it('of a cubic is exact', () => {
  const { slope, error } = slopeAt0((t) => t ** 3 - 2 * t ** 2 + 0.5 * t + 3);
  expect(slope).toBeCloseTo(0.5, 12);
  expect(error).toBeLessThan(1e-12);
});

it('of a smooth function is within its error', () => {
  const { slope, error } = slopeAt0((t) => Math.exp(t + 1));
  expect(Math.abs(slope - Math.E)).toBeLessThan(error);
  expect(error).toBeLessThan(Math.E / 100);
});

// The slope on the other side of the switch point differs by 2, and that at 0 is −1 or 1.
it.each(Array.from({ length: 39 }, (_, i) => (i - 19) / 8))(
  'is within its error with a switch point at %s steps',
  (at) => {
    const { slope, error } = slopeAt0((t) => Math.abs(t - at * step));
    expect(Math.abs(slope - (at > 0 ? -1 : 1))).toBeLessThanOrEqual(error + 1e-12);
  },
);
