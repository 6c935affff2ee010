import { expect, it } from 'vitest';
import { tensor } from '../core/testing.js';
import { squaredDistances } from './probabilities.js';
import { trustworthiness } from './trustworthiness.js';

it('counts the ranks of wrong neighbours', () => {
  const distances = squaredDistances(tensor([4, 1], [0, 1, 3, 7]));
  // In the plane 0 and 2 are neighbours, 1 and 3: of ranks 2, 2, 3 and 2 instead of 1. 1 − 2·5/(4·1·4)
  expect(trustworthiness(distances, [0, 0, 10, 0, 1, 0, 11, 0], 1)).toBe(0.375);
});

it('is 1 where the neighbours are the same, also behind one another', () => {
  const points = Array.from({ length: 24 }, (_, i) => Math.sin(i * i) * 5);
  expect(trustworthiness(squaredDistances(tensor([12, 2], points)), points)).toBe(1);
});

it('of equals the first counts first, on both sides', () => {
  const same = Array.from({ length: 24 }, () => 1);
  expect(trustworthiness(squaredDistances(tensor([12, 2], same)), same)).toBe(1);
});
