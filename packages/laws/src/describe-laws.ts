/** One test per law on one backend; each backend in a file of its own, because vitest gives a file a process of its own. */
import { describe, expect, it } from 'vitest';
import { findLaw, laws } from './laws.js';
import { defaultRuns, freshSeed, holdTo, openSubject } from './run-laws.js';

/**
 * `TOUCHSTONE_SEED` repeats a run, `TOUCHSTONE_PATH` goes straight to a counter-example, `TOUCHSTONE_LAW` runs one law,
 * `TOUCHSTONE_RUNS` sets the number of examples per law.
 */
export function describeLaws(backend: string): void {
  const { TOUCHSTONE_SEED, TOUCHSTONE_PATH, TOUCHSTONE_LAW, TOUCHSTONE_RUNS } = process.env;
  const seed = TOUCHSTONE_SEED ? Number(TOUCHSTONE_SEED) : freshSeed();
  const runs = TOUCHSTONE_RUNS ? Number(TOUCHSTONE_RUNS) : defaultRuns;
  const chosen = TOUCHSTONE_LAW ? [findLaw(TOUCHSTONE_LAW)] : laws;

  describe(`${backend}, TOUCHSTONE_SEED=${seed}, ${runs} examples per law`, async () => {
    const subject = await openSubject(backend);
    it.each(chosen.map((law) => [law.id, law.title, law] as const))('%s: %s', async (_id, _title, law) => {
      const { status, report, skipped } = await holdTo(law, subject, { seed, runs, path: TOUCHSTONE_PATH });
      if (skipped > 0) console.log(`${law.id} on ${backend}: ${skipped} examples too near a kink were skipped`);
      expect(status, report ?? '').toBe('held');
    });
  });
}
