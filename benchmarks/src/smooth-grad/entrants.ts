import { compareTensors, TouchstoneError, type HostTensor } from '@touchstone/contract';
import { byEngine, byPyTorch, type Contestant, type Name } from './contestants.js';
import { smallJob } from './small-check.js';
import type { SweepSetup } from './sweep-setup.js';

/** For one run, and for loading. */
export const deadlineMs = 600_000;

/** Another one may take so many times as long as ours; else it is timed on one sample. */
const patience = 8;
/**
 * An answer that is further off than units at a kink could make it, in e2, is another one; a wrong
 * gradient is off by about 1.
 */
const maxChange = 0.02;

export interface Entrant {
  readonly contestant: Contestant;
  /** How many samples its runs have; fewer where it is too slow for ours. */
  readonly samples: number;
}

export interface Entered {
  readonly entrants: readonly Entrant[];
  /** Who does not take part, and why. */
  readonly absent: ReadonlyMap<Name, string>;
}

/**
 * Who takes part: whoever answers the small check as ours does; with as many samples if it is not much slower. The
 * others, with the reason.
 */
export async function enter(
  { job, stock, pytorch, tell, ours }: SweepSetup,
  small: HostTensor,
  { samples, warm }: { samples: number; warm: number },
): Promise<Entered> {
  const absent = new Map<Name, string>();
  const entrants: Entrant[] = [{ contestant: byEngine('ours', ours, job), samples }];
  const all: Contestant[] = [byEngine('stock', stock, job)];
  if (pytorch !== null) {
    await pytorch.load(job.networkFolder, deadlineMs);
    all.push(byPyTorch('pytorch', pytorch, job, deadlineMs));
    if (pytorch.captum !== null) all.push(byPyTorch('captum', pytorch, job, deadlineMs));
  }
  for (const contestant of all) {
    try {
      const checked = await contestant.run({ samples: 2, batch: 2 }, { answer: true, job: smallJob(job) });
      // Captum draws noise of its own, so there is nothing to compare.
      const e2 =
        contestant.name === 'captum' || checked.average === null ? null : compareTensors(checked.average, small).e2;
      if (e2 !== null && !(e2 <= maxChange))
        throw new TouchstoneError(
          'internal',
          `gives another answer than ours: ${e2.toExponential(1)} of its size on 32×32`,
        );
      await contestant.run({ samples: 1, batch: 1 });
      const its = (await contestant.run({ samples: 1, batch: 1 })).milliseconds;
      entrants.push({ contestant, samples: its > patience * warm && samples > 1 ? 1 : samples });
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      absent.set(contestant.name, error.message);
    }
  }
  for (const [name, why] of absent) tell(`${name}: ${why}`);
  return { entrants, absent };
}

/** @param how the one was made, unlike the other: "in passes of 4" @throws TouchstoneError `internal` */
export function assertAlike(average: HostTensor, other: HostTensor, how: string): void {
  const { e2 } = compareTensors(average, other);
  if (!(e2 <= maxChange))
    throw new TouchstoneError(
      'internal',
      `SmoothGrad ${how} differs by ${e2} of its size, so it is not timed`,
      'Find that first: touchstone verify.',
    );
}
