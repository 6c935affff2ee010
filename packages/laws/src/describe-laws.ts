/**
 * One test per law on one backend. Each backend has its own file, because vitest runs each file in its own process.
 */
import { randomInt } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { TouchstoneError } from '@touchstone/contract';
import { type LawSession, openLawSession } from './law-session.js';
import { findLaw, laws } from './laws.js';

/** Examples per law: as many as keep the tests of the package under a minute on two cores. */
const defaultRuns = 60;

/** Examples at a time under a time limit, which is checked after each. */
const chunk = 1;

/**
 * `TOUCHSTONE_SEED` repeats a run, `TOUCHSTONE_PATH` goes straight to a counter-example, `TOUCHSTONE_LAW` runs one law,
 * `TOUCHSTONE_RUNS` sets the number of examples per law. A backend that this machine lacks is skipped, with the reason.
 * `seconds`: for a slow backend, as many examples per law as start within that time.
 */
export function describeLaws(backend: string, { seconds = Infinity }: { seconds?: number } = {}): void {
  const { TOUCHSTONE_PATH: path, TOUCHSTONE_LAW } = process.env;
  const seed = integerFrom('TOUCHSTONE_SEED') ?? randomInt(2 ** 31);
  const asked = integerFrom('TOUCHSTONE_RUNS');
  const chosen = TOUCHSTONE_LAW ? [findLaw(TOUCHSTONE_LAW)] : laws;
  const untimed = seconds === Infinity || asked !== undefined || path !== undefined;

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
    const howMany = untimed ? `${asked ?? defaultRuns} examples per law` : `${seconds} s per law`;
    console.log(`${backend}: TOUCHSTONE_SEED=${seed}, ${howMany}, on ${session.device}`);
    it.each(chosen.map((law) => [law.id, law.title, law] as const))('%s: %s', async (_id, _title, law) => {
      const end = performance.now() + 1000 * seconds;
      const runs = asked ?? defaultRuns;
      let [held, skipped] = [0, 0];
      // At least once, each with its own seed; a report names it.
      for (let next = seed; held === 0 || (held < runs && performance.now() < end); next++) {
        const result = await session.hold(law, { seed: next, runs: untimed ? runs : chunk, path });
        expect(result.status, result.report ?? '').toBe('held');
        held += result.runs;
        skipped += result.skipped;
      }
      if (skipped > 0) console.log(`${law.id} on ${backend}: ${skipped} examples skipped, where rounding decides`);
      if (!untimed) console.log(`${law.id} on ${backend}: ${held} example${held === 1 ? '' : 's'}`);
    });
  });
}

function integerFrom(variable: string): number | undefined {
  const text = process.env[variable];
  if (!text) return undefined;
  if (!/^-?\d{1,10}$/.test(text)) throw new TouchstoneError('usage', `${variable} is "${text}"`, 'Give an integer.');
  return Number(text);
}
