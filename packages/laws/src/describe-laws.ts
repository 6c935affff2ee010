/** One test per law on one backend; each backend in a file of its own, because vitest gives a file a process of its own. */
import { describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { findLaw, laws } from './laws.js';
import { defaultRuns, freshSeed, holdTo, openSubject } from './run-laws.js';

/**
 * `TOUCHSTONE_SEED` repeats a run, `TOUCHSTONE_PATH` goes straight to a counter-example, `TOUCHSTONE_LAW` runs one law,
 * `TOUCHSTONE_RUNS` sets the number of examples per law. A backend that this machine lacks is skipped, with the reason.
 */
export function describeLaws(backend: string): void {
  const { TOUCHSTONE_PATH, TOUCHSTONE_LAW } = process.env;
  const seed = integerFrom('TOUCHSTONE_SEED') ?? freshSeed();
  const runs = integerFrom('TOUCHSTONE_RUNS') ?? defaultRuns;
  const chosen = TOUCHSTONE_LAW ? [findLaw(TOUCHSTONE_LAW)] : laws;

  describe(backend, async () => {
    const availability = await findBackend(backend).probe();
    if (availability.status === 'unavailable') {
      it.skip(`is unavailable: ${availability.reason}`);
      return;
    }
    console.log(`${backend}: TOUCHSTONE_SEED=${seed}, ${runs} examples per law, on ${availability.device}`);
    const subject = await openSubject(backend);
    it.each(chosen.map((law) => [law.id, law.title, law] as const))('%s: %s', async (_id, _title, law) => {
      const { status, report, skipped } = await holdTo(law, subject, { seed, runs, path: TOUCHSTONE_PATH });
      if (skipped > 0) console.log(`${law.id} on ${backend}: ${skipped} examples skipped, where rounding decides`);
      expect(status, report ?? '').toBe('held');
    });
  });
}

function integerFrom(variable: string): number | undefined {
  const text = process.env[variable];
  if (!text) return undefined;
  if (!/^-?\d{1,10}$/.test(text)) throw new TouchstoneError('usage', `${variable} is "${text}"`, 'Give an integer.');
  return Number(text);
}
