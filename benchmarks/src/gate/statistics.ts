/**
 * The gate's statistics: pure functions. Times are logarithms of milliseconds, so that differences are ratios.
 *
 * A block is four fresh processes that run at the same time and take turns: two of base, two of head. What slows the
 * machine down for a while slows one round of all four (duet benchmarking, Bulej et al. 2020). So effects are taken
 * round by round, then the median over the rounds, then the pseudomedian over the blocks (Hodges & Lehmann 1963: the
 * median of the means of all pairs; it is robust and needs a third fewer blocks than the median). The interval is a
 * hierarchical bootstrap: blocks are drawn with replacement, and in each its rounds (Kalibera & Jones 2013), because a
 * whole process can be fast or slow, which more rounds in it do not show.
 */
import { ascending, median, pseudomedian, quantile, type Random } from '@touchstone/contract';

/** Rounds of the two base and the two head processes, in logarithms; the same number for each. */
export interface Block {
  readonly base: readonly [readonly number[], readonly number[]];
  readonly head: readonly [readonly number[], readonly number[]];
}

export interface Estimate {
  /** head ÷ base: above 1 is slower. */
  readonly ratio: number;
  /** The 95 % confidence interval. */
  readonly low: number;
  readonly high: number;
  /** Distance from 1 of the same estimate for base against base and head against head: 97.5 % of them are nearer. */
  readonly noise: number;
}

const resamples = 2000;

export function estimate(blocks: readonly Block[], random: Random): Estimate {
  const effects = blocks.map(roundsOf(([a, c], [b, d]) => (b + d - a - c) / 2));
  // Half differences of like with like: the distribution of the effect if there is none.
  const alike = blocks.flatMap((block) =>
    [1, -1].map((sign) => roundsOf(([a, c], [b, d]) => (a - c + sign * (b - d)) / 2)(block)),
  );
  const draws = bootstrap(effects, blocks.length, random);
  const noises = bootstrap(alike, blocks.length, random, true).map(Math.abs).sort(ascending);
  return {
    ratio: Math.exp(pseudomedian(effects.map(median))),
    low: Math.exp(quantile(draws, 0.025)),
    high: Math.exp(quantile(draws, 0.975)),
    noise: Math.exp(quantile(noises, 0.975)) - 1,
  };
}

/** The smallest slow-down that counts, as a share: five per cent, or the unit's own noise if that is more. */
export function threshold({ noise }: Pick<Estimate, 'noise'>): number {
  return Math.max(0.05, noise);
}

export function isSlower(found: Estimate): boolean {
  return found.low > 1 + threshold(found);
}

/**
 * Whether more blocks can hardly change the verdict: the interval is on one side of the threshold, or the ratio is less
 * than half way to it, which is very unlikely for a slow-down of twice the threshold.
 */
export function isDecided(found: Estimate): boolean {
  const smallest = threshold(found);
  return isSlower(found) || found.high < 1 + smallest || found.ratio < 1 + Math.min(smallest, 0.05) / 2;
}

type Pair = readonly [number, number];

function roundsOf(contrast: (base: Pair, head: Pair) => number): (block: Block) => number[] {
  return ({ base, head }) =>
    base[0].map((a, round) => contrast([a, base[1][round]!], [head[0][round]!, head[1][round]!]));
}

/**
 * Sorted results of the resamples: the pseudomedian, over `count` drawn rows, of the median of values drawn from the
 * row. `signed`: each median gets a random sign, for rows without a direction.
 */
function bootstrap(rows: readonly (readonly number[])[], count: number, random: Random, signed = false): number[] {
  const once = (): number => {
    const medians = Array.from({ length: count }, () => {
      const row = random.pick(rows);
      const value = median(row.map(() => random.pick(row)));
      return signed && random.uniform() < 0.5 ? -value : value;
    });
    return pseudomedian(medians);
  };
  return Array.from({ length: resamples }, once).sort(ascending);
}
