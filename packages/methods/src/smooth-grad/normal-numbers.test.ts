import { describe, expect, it } from 'vitest';
import { normalNumbers } from './normal-numbers.js';

const count = 4_000_000;
const numbers = normalNumbers(count, 20_261_126, 7);

/** P(|X| < x) of a normal X; Abramowitz & Stegun 7.1.26, to 1.5e-7. */
function within(x: number): number {
  const t = 1 / (1 + 0.3275911 * (x / Math.SQRT2));
  return (
    1 -
    t *
      (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
      Math.exp((-x * x) / 2)
  );
}

/** Five standard deviations of a share p of all: one run in two million is off by more. */
const allowed = (p: number): number => 5 * Math.sqrt((p * (1 - p)) / count);

describe('normal numbers', () => {
  it.each([1, 2, 3, 4])('have their moment %i', (order) => {
    // E X² = 1, E X⁴ = 3; the variance of Xⁿ is E X²ⁿ − (E Xⁿ)².
    const [expected, variance] = [
      [0, 1],
      [1, 2],
      [0, 15],
      [3, 96],
    ][order - 1] as [number, number];
    let sum = 0;
    for (const x of numbers) sum += x ** order;
    expect(Math.abs(sum / count - expected)).toBeLessThan(5 * Math.sqrt(variance / count));
  });

  it('are distributed like normal numbers: in the layers, in their corners, and in the tail', () => {
    const tenths = new Uint32Array(45);
    for (const x of numbers) tenths[Math.floor(Math.abs(x) * 10)]!++;
    let below = 0;
    for (const [i, number] of tenths.entries()) {
      below += number;
      const p = within((i + 1) / 10);
      expect(Math.abs(below / count - p), `|x| < ${(i + 1) / 10}`).toBeLessThan(allowed(p) + 1.5e-7);
    }
  });

  it('are symmetric, and independent of the one before', () => {
    let [positive, agreeing] = [0, 0];
    for (let i = 0; i < count; i++) {
      if (numbers[i]! > 0) positive++;
      if (i > 0 && numbers[i]! > 0 === numbers[i - 1]! > 0) agreeing++;
    }
    expect(Math.abs(positive / count - 0.5)).toBeLessThan(allowed(0.5));
    expect(Math.abs(agreeing / count - 0.5)).toBeLessThan(allowed(0.5));
  });

  it('differ by seed and stream, and repeat for the same', () => {
    const first = normalNumbers(1000, 1, 0);
    expect(normalNumbers(1000, 1, 0)).toEqual(first);
    for (const [seed, stream] of [
      [0, 0],
      [2, 0],
      [1, 1],
      [0, 1],
      [1 + 2 ** 32, 0],
    ] as const) {
      const other = normalNumbers(1000, seed, stream);
      const product = first.reduce((sum, x, i) => sum + x * other[i]!, 0) / 1000;
      expect(Math.abs(product)).toBeLessThan(5 / Math.sqrt(1000));
    }
  });
});
