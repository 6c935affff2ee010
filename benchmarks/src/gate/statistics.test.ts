import { median, pseudomedian, quantile, Random } from '@touchstone/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimate, isDecided, isSlower, threshold, type Block } from './statistics.js';

interface Weather {
  /** Spread of whole processes and of rounds, as shares. */
  readonly process: number;
  readonly round: number;
  /** What head takes longer. */
  readonly effect: number;
  /** What the machine does to all four in a round, in logarithms. */
  readonly shared?: (block: number, round: number) => number;
}

function blocksOf(seed: number, count: number, { process, round, effect, shared = () => 0 }: Weather): Block[] {
  const random = new Random(seed);
  const normal = (): number => random.normal();
  return Array.from({ length: count }, (_, block) => {
    const rows = [0, effect, effect, 0].map((slower) => {
      const its = process * normal();
      return Array.from(
        { length: 12 },
        (_unused, r) => Math.log(30) + Math.log(1 + slower) + its + round * normal() + shared(block, r),
      );
    });
    const [a, b, d, c] = rows as [number[], number[], number[], number[]];
    return { base: [a, c], head: [b, d] };
  });
}

const found = (seed: number, count: number, weather: Weather) =>
  estimate(blocksOf(seed, count, weather), new Random(seed + 1));
const seeds = Array.from({ length: 15 }, (_, i) => 1000 * i);
const calm = { process: 0.01, round: 0.03 };

describe('on made-up times', () => {
  it('a slow-down of a tenth is found, with its size', () => {
    for (const seed of seeds) {
      const it = found(seed, 5, { ...calm, effect: 0.1 });
      expect(isSlower(it)).toBe(true);
      expect(Math.abs(it.ratio - 1.1)).toBeLessThan(0.03);
    }
  });

  it.each([{ weather: calm }, { weather: { process: 0.05, round: 0.05 } }, { weather: { process: 0.15, round: 0.3 } }])(
    'none is found where there is none: $weather',
    ({ weather }) => {
      expect(seeds.filter((seed) => isSlower(found(seed, 5, { ...weather, effect: 0 }))).length).toBe(0);
    },
  );

  it('a slow-down of 3 % does not count', () => {
    expect(seeds.filter((seed) => isSlower(found(seed, 5, { ...calm, effect: 0.03 })))).toEqual([]);
  });

  it('what slows all four at once cancels: a drift, and a slow spell in the middle', () => {
    const drift = (block: number, round: number): number => block / 2 + round / 10;
    const spell = (block: number, round: number): number => (block === 1 && round > 4 ? 2 : 0);
    for (const shared of [drift, spell])
      expect(found(7, 5, { ...calm, effect: 0.1, shared }).ratio).toBeCloseTo(
        found(7, 5, { ...calm, effect: 0.1 }).ratio,
        10,
      );
  });

  it('processes that are fast or slow as a whole count as noise', () => {
    expect(found(3, 6, { process: 0.2, round: 0.001, effect: 0 }).noise).toBeGreaterThan(0.05);
    expect(found(3, 6, { process: 0.001, round: 0.001, effect: 0.5 }).noise).toBeLessThan(0.01);
  });

  it('times that never vary give the ratio itself', () => {
    const { ratio, low, high, noise } = found(1, 3, { process: 0, round: 0, effect: 0.25 });
    for (const value of [ratio, low, high]) expect(value).toBeCloseTo(1.25, 12);
    expect(noise).toBeCloseTo(0, 12);
  });
});

const times = fc.array(fc.double({ min: 0.1, max: 1000, noNaN: true }).map(Math.log), { minLength: 12, maxLength: 12 });
const block: fc.Arbitrary<Block> = fc.record({ base: fc.tuple(times, times), head: fc.tuple(times, times) });
const some = fc.array(block, { minLength: 1, maxLength: 4 });
const near = (actual: number, expected: number): void =>
  expect(Math.abs(Math.log(actual / expected))).toBeLessThan(1e-9);

describe('whatever the times', () => {
  it('the interval is not empty, and noise is never negative', () => {
    fc.assert(
      fc.property(some, (blocks) => {
        const { low, high, noise } = estimate(blocks, new Random(1));
        expect(low).toBeLessThanOrEqual(high);
        expect(noise).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 20 },
    );
  });

  it('exchanging base and head inverts the ratio', () => {
    fc.assert(
      fc.property(some, (blocks) => {
        near(
          estimate(
            blocks.map(({ base, head }) => ({ base: head, head: base })),
            new Random(1),
          ).ratio,
          1 / estimate(blocks, new Random(1)).ratio,
        );
      }),
      { numRuns: 20 },
    );
  });

  it('a faster clock changes nothing', () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0.01, max: 100, noNaN: true }), (blocks, speed) => {
        const scaled = (row: readonly number[]): number[] => row.map((time) => time + Math.log(speed));
        const [plain, fast] = [
          blocks,
          blocks.map(({ base, head }): Block => ({
            base: [scaled(base[0]), scaled(base[1])],
            head: [scaled(head[0]), scaled(head[1])],
          })),
        ].map((these) => estimate(these, new Random(1)));
        near(fast!.low, plain!.low);
        near(fast!.high, plain!.high);
      }),
      { numRuns: 20 },
    );
  });
});

it.each([
  { of: { ratio: 1.1, low: 1.06, high: 1.14, noise: 0.02 }, slower: true, decided: true },
  { of: { ratio: 1.1, low: 1.04, high: 1.16, noise: 0.02 }, slower: false, decided: false },
  { of: { ratio: 1.1, low: 1.06, high: 1.14, noise: 0.08 }, slower: false, decided: false },
  { of: { ratio: 1.03, low: 0.98, high: 1.04, noise: 0.02 }, slower: false, decided: true },
  { of: { ratio: 1.02, low: 0.9, high: 1.2, noise: 0.1 }, slower: false, decided: true },
  { of: { ratio: 1.03, low: 0.9, high: 1.2, noise: 0.1 }, slower: false, decided: false },
  { of: { ratio: 0.8, low: 0.7, high: 0.9, noise: 0.3 }, slower: false, decided: true },
])('$of: slower $slower, decided $decided', ({ of, slower, decided }) => {
  expect([isSlower(of), isDecided(of)]).toEqual([slower, decided]);
  expect(threshold(of)).toBe(Math.max(0.05, of.noise));
});

it.each([
  { values: [7], middle: 7 },
  { values: [3, 1, 2], middle: 2 },
  { values: [4, 1, 2, 100], middle: 3 },
])('the median of $values is $middle', ({ values, middle }) => {
  expect(median(values)).toBe(middle);
});

it.each([
  { values: [7], middle: 7 },
  { values: [1, 3], middle: 2 },
  { values: [1, 2, 3, 1000], middle: 2.75 },
])('the pseudomedian of $values is $middle', ({ values, middle }) => {
  expect(pseudomedian(values)).toBe(middle);
});

it.each([
  { share: 0, value: 1 },
  { share: 0.25, value: 2 },
  { share: 0.1, value: 1.4 },
  { share: 1, value: 5 },
])('quantile $share of 1 to 5 is $value', ({ share, value }) => {
  expect(quantile([1, 2, 3, 4, 5], share)).toBeCloseTo(value, 12);
});
