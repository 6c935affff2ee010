/**
 * Child processes of our backends that hang, die or never start: one clear outcome each, the other cases still run, and
 * nothing is left behind.
 */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import { exitStatusOf, type Outcome } from '@touchstone/contract';
import { openGolden } from '../golden/golden-store.js';
import { deadlinesPass, releaseDeadlines } from '../testing/deadlines.js';
import { everyField } from '../testing/every-field.js';
import { childrenOf } from '../testing/processes.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { verify, type Plan } from './verify.js';

const root = join(temporaryFolder(), 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const cases = [0, 1, 2, 3].map(linearCase);

afterEach(releaseDeadlines);

const brief = (outcome: Outcome) => [outcome.status, everyField(outcome).code, outcome.reason];

it('a child process that is killed, crashes or hangs: one case errored, the next in a new one', async () => {
  const signals: Readonly<Record<number, NodeJS.Signals>> = { 1: 'SIGKILL', 3: 'SIGSEGV', 5: 'SIGSTOP' };
  deadlinesPass(0);
  const { outcomes, summary } = await verify({
    golden,
    cases: [0, 1, 2, 3, 4, 5, 6].map(linearCase),
    backends: ['cpu'],
    deadlineMs: 1500,
    onProgress: (_, { done }) => {
      const signal = signals[done];
      if (signal) for (const pid of childrenOf(process.pid)) process.kill(Number(pid), signal);
      deadlinesPass(signal === 'SIGSTOP' ? 50 : 0);
    },
  });
  deadlinesPass(1);
  const passed = ['passed', null, null];
  expect(outcomes.map(brief)).toEqual([
    passed,
    ['errored', 'process-crashed', 'the child process ended with SIGKILL'],
    passed,
    ['errored', 'process-crashed', 'the child process ended with SIGSEGV'],
    passed,
    ['errored', 'timeout', 'no answer within 3 s; the child process was ended'],
    passed,
  ]);
  expect([exitStatusOf(summary), summary.complete]).toEqual([4, true]);
  await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toEqual([]);
});

describe('a backend that is unavailable', () => {
  // A backend that needs a GPU and its driver.
  const gone = { golden, cases, backends: ['cpu', 'cuda'] };

  it('is named once in the header with its reason; its cases are skipped, the others judged', async ({ skip }) => {
    const { header, outcomes, summary } = await verify(gone);
    if (header.unavailable.length === 0) return skip('this machine has a GPU for TensorFlow');
    expect(header.backends.map(({ id }) => id)).toEqual(['cpu']);
    expect(header.unavailable).toEqual([
      { id: 'cuda', reason: expect.stringMatching(/^TensorFlow .*\. Run /) as string },
    ]);
    expect([summary.passed, summary.skipped, summary.errored, exitStatusOf(summary)]).toEqual([4, 4, 0, 0]);
    expect(
      outcomes
        .filter(({ backend }) => backend === 'cuda')
        .map(everyField)
        .map(({ status, code }) => [status, code]),
    ).toEqual(cases.map(() => ['skipped', null]));
  });

  it.for([['cuda'], ['cpu', '*uda']])('and required, as %j, fails the run', async (require, { skip }) => {
    const { header, outcomes, summary } = await verify({ ...gone, require });
    if (header.unavailable.length === 0) return skip('this machine has a GPU for TensorFlow');
    expect([summary.passed, summary.skipped, summary.errored, exitStatusOf(summary)]).toEqual([4, 0, 4, 4]);
    expect(
      outcomes
        .filter(({ backend }) => backend === 'cuda')
        .map(everyField)
        .map(({ code }) => code),
    ).toEqual(cases.map(() => 'backend-unavailable'));
  });
});

it('without a choice: every case on every backend but those that only a software renderer provides', async () => {
  let plan: Plan | undefined;
  const { header, outcomes, summary } = await verify({ golden, cases, onStart: (made) => void (plan = made) });
  const ran = header.backends.map(({ id }) => id);
  expect(ran).toEqual(expect.arrayContaining(['cpu', 'wasm', 'float64']));
  expect(outcomes).toHaveLength(cases.length * (ran.length + header.unavailable.length));
  expect(summary.passed).toBe(cases.length * ran.length);
  expect(plan!.backends).toEqual(ran);
  expect(header.backends.every(({ softwareRenderer }) => !softwareRenderer)).toBe(true);
  expect([...ran, ...header.unavailable.map(({ id }) => id), ...plan!.leftOut].toSorted()).toEqual(
    backends.map(({ id }) => id).toSorted(),
  );
  await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toEqual([]);
});
