import type { HostTensor } from '@touchstone/contract';
import { batchingOn, type ExplainRequest } from '@touchstone/session';
import type { KnownBatch } from '@touchstone/methods';
import type { Timed } from '../engine-clock.js';
import { spreadOf } from '../rounds.js';
import { assertAlike } from './entrants.js';
import type { SweepSetup } from './sweep-setup.js';
import type { Turns } from './turns.js';

/** `batch: auto`: with nothing known, so that it has to try; and with what that found, as the next run of a user would. */
export async function autoTurns(
  { backend, ours }: Pick<SweepSetup, 'backend' | 'ours'>,
  job: ExplainRequest,
  expected: HostTensor,
): Promise<Turns> {
  const { budgetBytes } = batchingOn(backend, 1, new Map());
  let found: KnownBatch | null = null;
  const run = async (known: KnownBatch | null, answer: string | null = null): Promise<Timed> => {
    const timed = await ours.time({ ...job, params: { ...job.params, batch: 'auto' } }, 'ours', {
      answer,
      batching: { budgetBytes, known },
    });
    found = timed.found;
    return timed;
  };
  assertAlike((await run(null, 'average')).answer!, expected, 'with batch: auto');
  return {
    turns: [async () => (await run(null)).milliseconds, async () => (await run(found)).milliseconds],
    figures: ([first, remembered]) => ({
      auto: { batch: found!.batch, first: spreadOf(first!), remembered: spreadOf(remembered!) },
    }),
  };
}
