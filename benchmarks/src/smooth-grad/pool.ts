import { sameBits, TouchstoneError, type HostTensor } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';
import type { TimedSession } from '../timed-session.js';
import { spreadOf } from '../rounds.js';
import type { Turns } from './turns.js';

/**
 * A pool shares the samples of a run; engines in processes of their own, as many, each do a whole run at the same time:
 * what the machine gives at most.
 *
 * @param one takes part in the latter
 * @throws TouchstoneError `internal` where the pool's answer has other bits than one engine's
 */
export async function poolTurns(
  one: TimedSession,
  job: ExplainRequest,
  expected: HostTensor,
  engines: number,
  open: () => Promise<TimedSession>,
): Promise<Turns> {
  const pool = await open();
  let peakBytes: number | null = null;
  const together = async (): Promise<number> => {
    const timed = await pool.time(job, 'ours', { workers: engines });
    if (timed.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, timed.peakBytes);
    return timed.milliseconds;
  };
  const { answer } = await pool.time(job, 'ours', { workers: engines, answer: 'average' });
  if (!sameBits(answer!, expected))
    throw new TouchstoneError('internal', 'its answer has other bits than that of one engine, so it is not timed');
  const all = [one];
  while (all.length < engines) all.push(await open());
  const apart = async (): Promise<number> =>
    Math.max(
      ...(await Promise.all(all.map((engine) => engine.time(job, 'ours')))).map(({ milliseconds }) => milliseconds),
    );
  await apart();
  return {
    turns: [together, apart],
    figures: ([faster, slower]) => ({
      pool: { engines, ratio: spreadOf(faster!), ceiling: spreadOf(slower!.map((each) => engines * each)), peakBytes },
    }),
  };
}
