import { compareTensors, TouchstoneError, type HostTensor } from '@touchstone/contract';
import { bySession, byPyTorch, type Contestant, type Name } from './contestants.js';
import { smallJob } from './small-check.js';
import type { SweepSetup } from './sweep-setup.js';

/** Of one run, and of loading. */
export const deadlineMs = 600_000;

/** A contestant that is more times slower than ours is timed on one sample. */
const patience = 8;
/** Allowed e2: more than units near their switch points can cause. A wrong gradient is off by about 1. */
const maxChange = 0.02;

export interface Entrant {
  readonly contestant: Contestant;
  /** Samples of each run; fewer than ours where it is too slow. */
  readonly samples: number;
}

export interface Entered {
  readonly entrants: readonly Entrant[];
  /** Contestants that do not take part, with the reason. */
  readonly absent: ReadonlyMap<Name, string>;
}

/** A contestant takes part if its answer to the small check is ours; with as many samples unless it is much slower. */
export async function enter(
  { job, stock, pytorch, tell, ours }: SweepSetup,
  small: HostTensor,
  { samples, warm }: { samples: number; warm: number },
): Promise<Entered> {
  const absent = new Map<Name, string>();
  const entrants: Entrant[] = [{ contestant: bySession('ours', ours, job), samples }];
  const all: Contestant[] = [bySession('stock', stock, job)];
  if (pytorch !== null) {
    await pytorch.load(job.networkFolder, deadlineMs);
    all.push(...(['pytorch', 'channelsLast'] as const).map((name) => byPyTorch(name, pytorch, job, deadlineMs)));
    if (pytorch.captum !== null) all.push(byPyTorch('captum', pytorch, job, deadlineMs));
  }
  for (const contestant of all) {
    try {
      const checked = await contestant.run({ samples: 2, batch: 2 }, { answer: true, job: smallJob(job) });
      // Captum draws its own noise, so its answer cannot be compared.
      const e2 =
        contestant.name === 'captum' || checked.average === null ? null : compareTensors(checked.average, small).e2;
      if (e2 !== null && !(e2 <= maxChange))
        throw new TouchstoneError(
          'internal',
          `its answer differs from ours by ${e2.toExponential(1)} of its size on 32×32`,
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

/** @param how `average` was made, for the message: "in passes of 4" @throws TouchstoneError `internal` */
export function assertAlike(average: HostTensor, other: HostTensor, how: string): void {
  const { e2 } = compareTensors(average, other);
  if (!(e2 <= maxChange))
    throw new TouchstoneError(
      'internal',
      `SmoothGrad ${how} differs by ${e2} of its size, so it is not timed`,
      'Find the cause first, with touchstone verify.',
    );
}
