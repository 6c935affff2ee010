/** Whether a unit has become slower: measures blocks until that is clear, and confirms "slower" by a second run. */
import { Random } from '@touchstone/contract';
import { measureBlock, turnsPerRound, type MeasuredBlock, type Program, type Unit } from './measure.js';
import { estimate, isDecided, isSlower, type Estimate } from './statistics.js';

export type Verdict = 'not slower' | 'slower' | 'inconclusive';

/** One run of a unit: as many blocks of processes as it needs. */
export interface UnitRun {
  readonly clock: Clock;
  readonly found: Estimate;
  readonly control: Estimate;
  readonly verdict: Verdict;
  /** The times themselves. */
  readonly measured: readonly MeasuredBlock[];
}

export interface UnitVerdict extends Unit {
  readonly verdict: Verdict;
  /** A second only where the first says slower. */
  readonly runs: readonly UnitRun[];
}

/**
 * `processor`: processor time of the session's process, all cores together. Other programs hardly change it, so it is
 * used where the session knows it. Waiting, and work spread over more cores, only show in `wall`.
 */
export type Clock = 'processor' | 'wall';

export interface GateOptions {
  readonly clock?: Clock | undefined;
  readonly rounds?: number;
  /** At least and at most. */
  readonly blocks?: readonly [number, number];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (message: string) => void;
}

const defaultRounds = 16;
/** Blocks of a run. */
export const minBlocks = 3;
export const maxBlocks = 12;

/** If the control certainly differs by more, the machine was not the same for base and head. */
const maxOfControl = 0.02;

export async function judgeUnit(
  base: Program,
  head: Program,
  unit: Unit,
  options: GateOptions = {},
): Promise<UnitVerdict> {
  const turns = await turnsPerRound(head, unit, options.signal);
  const first = await run(base, head, unit, turns, options);
  if (first.verdict !== 'slower') return { ...unit, verdict: first.verdict, runs: [first] };
  options.onProgress?.(`${unit.benchmark} on ${unit.backend}: seems slower, measuring again`);
  const second = await run(base, head, unit, turns, options);
  return { ...unit, verdict: second.verdict, runs: [first, second] };
}

async function run(base: Program, head: Program, unit: Unit, turns: number, options: GateOptions): Promise<UnitRun> {
  const { rounds = defaultRounds, blocks: [min, max] = [minBlocks, maxBlocks], signal, onProgress } = options;
  const measured: MeasuredBlock[] = [];
  for (;;) {
    measured.push(await measureBlock(base, head, unit, turns, { rounds, signal }));
    if (measured.length < min) continue;
    const judged = judgeBlocks(measured, options.clock);
    const {
      found: { ratio, low, high },
    } = judged;
    const interval = `${low.toFixed(3)}–${high.toFixed(3)}`;
    onProgress?.(`${unit.benchmark} on ${unit.backend}: ${measured.length} blocks, ${ratio.toFixed(3)}× (${interval})`);
    if (isDecided(judged.found) || measured.length >= max) return judged;
  }
}

/** By processor time where all blocks have it, unless `asked` says otherwise. */
export function judgeBlocks(measured: readonly MeasuredBlock[], asked?: Clock): UnitRun {
  const processor = measured.flatMap((block) => (block.processor ? [block.processor] : []));
  const clock: Clock = asked ?? (processor.length === measured.length ? 'processor' : 'wall');
  const random = new Random(1);
  const found = estimate(clock === 'processor' ? processor : measured.map(({ wall }) => wall), random);
  const control = estimate(
    measured.map((block) => block.control),
    random,
  );
  const uneven = control.low > 1 + maxOfControl || control.high < 1 - maxOfControl;
  return {
    clock,
    found,
    control,
    verdict: uneven ? 'inconclusive' : isSlower(found) ? 'slower' : 'not slower',
    measured,
  };
}
