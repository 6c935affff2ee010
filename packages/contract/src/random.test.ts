import { expect, it } from 'vitest';
import { Random } from './random.js';

const many = 20_000;
const drawn = (draw: (random: Random) => number): number[] => {
  const random = new Random(1);
  return Array.from({ length: many }, () => draw(random));
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

it('is the same again for the same seed and stream, and another for others', () => {
  const first = (seed: number, stream?: string): number => new Random(seed, stream).uniform();
  expect(first(1)).toBe(first(1));
  expect(new Set([first(1), first(2), first(1, 'weight'), first(1, 'bias'), first(2, 'bias')]).size).toBe(5);
});

it('is the same on every machine', () => {
  const random = new Random(7, 'w');
  expect([random.uniform(), random.integer(0, 1000)]).toEqual([0.7998997286580412, 664]);
  expect(new Random(-1).uniform()).toBe(0.09072499527189182);
});

it('neighbouring seeds have first numbers that are spread evenly', () => {
  const firsts = Array.from({ length: many }, (_, seed) => new Random(seed).uniform());
  expect(mean(firsts)).toBeCloseTo(0.5, 2);
  const pairs = firsts.slice(1).map((value, i) => (value - 0.5) * (firsts[i]! - 0.5));
  expect(Math.abs(mean(pairs))).toBeLessThan(0.003);
});

it('uniform: in [0, 1), mean ½, variance 1/12', () => {
  const values = drawn((random) => random.uniform());
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(mean(values)).toBeCloseTo(0.5, 2);
  expect(mean(values.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
});

it('integer: both ends, about as often', () => {
  const values = drawn((random) => random.integer(-1, 2));
  for (const value of [-1, 0, 1, 2]) expect(values.filter((each) => each === value).length).toBeCloseTo(many / 4, -3);
  expect(new Set(values).size).toBe(4);
});

it('normal: float32, mean 0, variance 1', () => {
  const values = drawn((random) => random.normal());
  expect(values).toEqual([...Float32Array.from(values)]);
  expect(mean(values)).toBeCloseTo(0, 1);
  expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1);
});

it('pick: each of them', () => {
  const random = new Random(3);
  expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
});
