import { sameBits, TouchstoneError, type HostTensor } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';
import type { TimedSession } from '../timed-session.js';
import { spreadOf } from '../rounds.js';
import type { Turns } from './turns.js';

/**
 * Two turns: a pool whose workers share the samples of a run; and, as the most that the machine can do, as many
 * separate sessions that each do a whole run at the same time.
 *
 * @param one the first of the separate sessions
 * @throws TouchstoneError `internal` where the pool's answer has other bits than that of one session
 */
export async function poolTurns(
  one: TimedSession,
  job: ExplainRequest,
  expected: HostTensor,
  workers: number,
  open: () => Promise<TimedSession>,
): Promise<Turns> {
  const pool = await open();
  let peakBytes: number | null = null;
  const together = async (): Promise<number> => {
    const timed = await pool.time(job, 'ours', { workers });
    if (timed.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, timed.peakBytes);
    return timed.milliseconds;
  };
  const { answer } = await pool.time(job, 'ours', { workers, answer: 'average' });
  if (!sameBits(answer!, expected))
    throw new TouchstoneError('internal', 'its answer has other bits than that of one session, so it is not timed');
  const all = [one];
  while (all.length < workers) all.push(await open());
  const apart = async (): Promise<number> =>
    Math.max(
      ...(await Promise.all(all.map((session) => session.time(job, 'ours')))).map(({ milliseconds }) => milliseconds),
    );
  await apart();
  return {
    turns: [together, apart],
    figures: ([ofPool, ofEach]) => ({
      pool: {
        engines: workers,
        ratio: spreadOf(ofPool!),
        ceiling: spreadOf(ofEach!.map((each) => workers * each)),
        peakBytes,
      },
    }),
  };
}
