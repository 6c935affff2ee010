import { expect, it } from 'vitest';
import { isFiniteInFloat32, nonFiniteStages } from './finite.js';

const largest = (2 - 2 ** -23) * 2 ** 127;

it.each<[boolean, number[]]>([
  [true, []],
  [true, [0, -1, largest, -largest]],
  [false, [1, NaN]],
  [false, [Infinity, 1]],
  [false, [1, -Infinity]],
  [false, [largest * (1 + 2 ** -52)]],
])('%s: all of %j are numbers in float32', (finite, values) => {
  expect(isFiniteInFloat32(Float64Array.from(values))).toBe(finite);
});

it('names the stages with NaN or ∞, of doubles too large for float32 none', () => {
  const stage = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });
  const stages = { logits: stage(1, 2), gradient: stage(1, NaN), big: stage(1e300), attribution: stage(-Infinity) };
  expect(nonFiniteStages(stages)).toEqual(['gradient', 'attribution']);
});
