/**
 * Head against rows that `bench` measured earlier on this machine. Weaker than measuring both at the same time, where
 * disturbances cancel; the control says whether the machine was the same.
 */
import { ascending, median, quantile, Random, TouchstoneError } from '@touchstone/contract';
import { machine } from '@touchstone/system';
import type { BenchmarkRow } from '../benchmark.js';
import type { StoredRow } from '../history.js';
import type { Clock, Verdict } from './judge-unit.js';
import { isDecided, isSlower, type Estimate } from './statistics.js';

/** Allowed change of the control's time, as a share; more, and the machine has changed. */
const maxOfControl = 0.05;

/** Where processes differ by more, as a share, "not slower" would say too little: the verdict is inconclusive. */
const maxNoise = 0.25;

/** Rows of the same unit by the clock that both have, in logarithms; and the control's time now ÷ then. */
function comparable(
  stored: StoredRow,
  versions: Stamped,
  heads: readonly BenchmarkRow[],
): { readonly clock: Clock; readonly base: number[]; readonly heads: number[][]; readonly control: number } {
  const clock = stored.processorMilliseconds && heads.every(processorOf) ? 'processor' : 'wall';
  const of = (row: StoredRow | BenchmarkRow): number[] =>
    (clock === 'processor' ? processorOf(row)! : row.milliseconds).map(Math.log);
  return {
    clock,
    base: of(stored),
    heads: heads.map(of),
    control: median(heads.map((row) => row.versions.controlMs)) / versions.controlMs,
  };
}

function processorOf(row: StoredRow | BenchmarkRow): readonly number[] | null {
  return 'processorMilliseconds' in row ? row.processorMilliseconds : null;
}

type Stamped = NonNullable<StoredRow['versions']>;

/** @throws TouchstoneError `bad-input` for a row of another machine */
function fromHere({ versions }: StoredRow): Stamped {
  const here = machine();
  if (versions?.machine === here) return versions;
  throw new TouchstoneError(
    'bad-input',
    `the base was measured on another machine, ${versions?.machine ?? 'not named'}; this is ${here}`,
    'Give a commit as --base, which measures both on this machine.',
  );
}

const resamples = 2000;

/**
 * Draws processes, then their rounds.
 * @param base rounds of the one process measured then
 * @param heads rounds of fresh processes now
 */
function estimateStored(base: readonly number[], heads: readonly (readonly number[])[], random: Random): Estimate {
  const redrawn = (rounds: readonly number[]): number => median(rounds.map(() => random.pick(rounds)));
  const now = (): number => median(heads.map(() => redrawn(random.pick(heads))));
  // The base is a single process, fast or slow as a whole; the interval includes that variation, as seen in heads.
  const luck = (): number => redrawn(random.pick(heads)) - now();
  const draws = Array.from({ length: resamples }, () => now() - redrawn(base) + luck()).sort(ascending);
  const noises = Array.from({ length: resamples }, () => Math.abs(luck())).sort(ascending);
  return {
    ratio: Math.exp(median(heads.map(median)) - median(base)),
    low: Math.exp(quantile(draws, 0.025)),
    high: Math.exp(quantile(draws, 0.975)),
    noise: Math.exp(quantile(noises, 0.975)) - 1,
  };
}

const processes = 5;

export interface StoredVerdict {
  readonly verdict: Verdict;
  readonly clock: Clock;
  readonly found: Estimate;
  /** Now ÷ then. */
  readonly control: number;
  readonly runs: number;
}

/**
 * @param measure one row of the unit, in a fresh process
 * @throws TouchstoneError `bad-input` for another machine's row
 */
export async function judgeStored(stored: StoredRow, measure: () => Promise<BenchmarkRow>): Promise<StoredVerdict> {
  const versions = fromHere(stored);
  for (let runs = 1; ; runs++) {
    const rows: BenchmarkRow[] = [];
    for (let i = 0; i < processes; i++) rows.push(await measure());
    const { clock, base, heads, control } = comparable(stored, versions, rows);
    const found = estimateStored(base, heads, new Random(1));
    const uneven = Math.abs(Math.log(control)) > Math.log(1 + maxOfControl);
    if (isSlower(found) && !uneven && runs === 1) continue;
    const clear = isDecided(found) && found.noise <= maxNoise;
    const verdict = uneven ? 'inconclusive' : isSlower(found) ? 'slower' : clear ? 'not slower' : 'inconclusive';
    return { verdict, clock, found, control, runs };
  }
}
