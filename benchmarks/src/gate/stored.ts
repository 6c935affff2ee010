/**
 * Head against rows that `bench` measured earlier on this machine: weaker than pairs, for nothing cancels; the control
 * says whether it is fair.
 */
import { ascending, median, quantile, Random, TouchstoneError } from '@touchstone/contract';
import { machine } from '@touchstone/system';
import type { BenchmarkRow } from '../benchmark.js';
import type { StoredRow } from '../history.js';
import type { Clock, Verdict } from './judge-unit.js';
import { isDecided, isSlower, type Estimate } from './statistics.js';

/** The control may have taken so much longer or shorter then, as a share; more, and the machine is not what it was. */
const maxOfControl = 0.05;

/** Where processes differ by more, as a share, all that can be said is "not slower by far": that clears nobody. */
const maxNoise = 0.25;

/** Rows of the same unit by the clock that both have, in logarithms; and how much longer the control takes now. */
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

/** What the row says of its machine. @throws TouchstoneError `bad-input` for another machine's */
function fromHere({ versions }: StoredRow): Stamped {
  const here = machine();
  if (versions?.machine === here) return versions;
  throw new TouchstoneError(
    'bad-input',
    `the base was measured on another machine: ${versions?.machine ?? 'it does not say which'}; this is ${here}`,
    'Compare on one machine: --base REF measures both.',
  );
}

const resamples = 2000;

/**
 * @param base rounds of the one process that was measured then;
 * @param heads of fresh ones now. Processes are drawn, then their rounds.
 */
function estimateStored(base: readonly number[], heads: readonly (readonly number[])[], random: Random): Estimate {
  const redrawn = (rounds: readonly number[]): number => median(rounds.map(() => random.pick(rounds)));
  const now = (): number => median(heads.map(() => redrawn(random.pick(heads))));
  // The base is one process: its own luck, which heads have too, belongs to the interval.
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
 * @param measure one row of the unit, in a fresh process of its engine's
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
