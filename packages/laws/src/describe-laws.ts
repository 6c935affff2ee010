/**
 * One test per law on one backend. Each backend has its own file, so that files run next to each other.
 */
import { randomInt } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { TouchstoneError } from '@touchstone/contract';
import { holdExamples } from './hold-examples.js';
import { type LawSession, openLawSession } from './law-session.js';
import { laws } from './laws.js';
import { reportOf } from './report.js';

/** Examples per law. Every run has its own seed, so CI looks at new ones each time. */
const manyRuns = 25;
/**
 * Under a software renderer, where one example per law takes seconds. Of 24 seeds this one needs the fewest kernels,
 * 60 % of the mean, and as an example for each law notices as many faults of src/faults as others: 353 of 836 pairs of
 * fault and law, where the mean of ten seeds is 341. New ones with TOUCHSTONE_FULL=1.
 */
const softwareSeed = 7;

/**
 * A backend that this machine lacks is skipped, with the reason. `touchstone laws` runs more examples, and replays one.
 * `seconds`: for a slow backend, as many examples per law as start within that time. `runs`: fewer examples for one
 * that differs from others in its kernels only; all with TOUCHSTONE_FULL=1.
 */
export function describeLaws(
  backend: string,
  { seconds = Infinity, runs: few = manyRuns }: { seconds?: number; runs?: number } = {},
): void {
  const isFull = Boolean(process.env['TOUCHSTONE_FULL']);
  const runs = isFull ? manyRuns : few;
  // Under a time limit one example at a time, because the limit is checked after each.
  const part = seconds === Infinity ? runs : 1;

  describe(backend, async () => {
    let session: LawSession;
    try {
      session = await openLawSession(backend);
    } catch (error) {
      if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      it.skip(`is unavailable: ${error.message}`);
      return;
    }
    afterAll(() => session.close());
    const seed = session.softwareRenderer && !isFull ? softwareSeed : randomInt(2 ** 31);
    console.log(`${backend}: seed ${seed}, on ${session.device}`);
    it.each(laws.map((law) => [law.id, law.title, law] as const))('%s: %s', async (_id, _title, law) => {
      const end = performance.now() + 1000 * seconds;
      const isEnough = (judged: number): boolean => judged > 0 && performance.now() >= end;
      const result = await holdExamples(session, law, { seed, runs, part, isEnough });
      const report =
        result.status === 'broken' ? reportOf(law, result, { name: backend, options: `--backend ${backend}` }) : '';
      expect(result, report).toMatchObject({ status: 'held', unanswered: 0 });
      if (result.skipped > 0)
        console.log(`${law.id} on ${backend}: ${result.skipped} examples skipped, where rounding decides`);
      if (seconds < Infinity) console.log(`${law.id} on ${backend}: ${result.judged} examples`);
    });
  });
}
