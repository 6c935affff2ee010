import { describe, expect, it } from 'vitest';
import { tensor } from '../core/testing.js';
import { conditionalProbabilities, divergence, normalised, squaredDistances, symmetrised } from './probabilities.js';

const cloud = tensor(
  [30, 3],
  Array.from({ length: 90 }, (_, i) => 3 * Math.sin(i * i)),
);

it('distances are squared, and rounded to float32', () => {
  const { data } = squaredDistances(tensor([3, 2], [0, 0, 3, 4, 0.1, 0]));
  expect([...data.subarray(0, 3)]).toEqual([0, 25, Math.fround(Math.fround(0.1) ** 2)]);
  expect([data[3], data[6]]).toEqual([data[1], data[2]]);
});

describe.each([2, 5, 20])('perplexity %d', (perplexity) => {
  const { n, data } = conditionalProbabilities(squaredDistances(cloud), Math.log(perplexity));

  it('is what each row has, 2 to its entropy in bits', () => {
    for (let i = 0; i < n; i++) {
      const row = data.subarray(i * n, (i + 1) * n);
      const bits = row.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
      expect(Math.abs(2 ** bits / perplexity - 1)).toBeLessThan(1.1e-5);
      expect(row.reduce((sum, p) => sum + p)).toBeCloseTo(1, 12);
      expect(row[i]).toBe(0);
    }
  });
});

it.each([
  { name: 'all points in one place', points: [1, 1, 1, 1], perplexity: 2 },
  { name: 'points too far apart for any exponential', points: [0, 1e18, 3e18, 7e18], perplexity: 2 },
])('$name give numbers', ({ points, perplexity }) => {
  const joint = normalised(
    symmetrised(conditionalProbabilities(squaredDistances(tensor([4, 1], points)), Math.log(perplexity))),
  );
  expect(joint.data.every(Number.isFinite)).toBe(true);
});

it('joint probabilities are symmetric, sum to 1, are 0 on the diagonal and positive elsewhere', () => {
  const { n, data } = normalised(symmetrised({ n: 3, data: Float64Array.from([0, 1, 0, 0.5, 0, 0.5, 0, 1, 0]) }));
  expect(n).toBe(3);
  expect([...data]).toEqual([0, 0.25, Number.EPSILON, 0.25, 0, 0.25, Number.EPSILON, 0.25, 0]);
});

it('the divergence is 0 where Q is P, and grows from there', () => {
  // Sides 1, 1 and 2 in squares: q ∝ ½, ½, ⅓.
  const [near, far] = [3 / 16, 2 / 16];
  const joint = { n: 3, data: Float64Array.from([0, near, near, near, 0, far, near, far, 0]) };
  expect(divergence(joint, [0, 0, 1, 0, 0, 1])).toBeCloseTo(0, 12);
  expect(divergence(joint, [0, 0, 1, 0, 0, 1.5])).toBeGreaterThan(1e-3);
  // All in one place: q = ⅙, KL = Σ p·log 6p.
  expect(divergence(joint, [0, 0, 0, 0, 0, 0])).toBeCloseTo(
    4 * near * Math.log(6 * near) + 2 * far * Math.log(6 * far),
    12,
  );
});
