import { expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import { backendPort } from '../port/backend-port.js';
import { openGolden } from '../golden/golden-store.js';
import { whyTooSlow } from './run-case.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { verify } from '../run/verify.js';

const timeEstimate = { deadlineMs: 120_000, multiplyAddsPerSecond: 2e8 };

it.each([
  ['within the deadline', timeEstimate, 2.3e10, null],
  ['longer', timeEstimate, 6.04e10, 'about 300 s on cpu, more than the deadline of 120 s; --deadline 910 runs it'],
  [
    'longer than a deadline below a second',
    { ...timeEstimate, deadlineMs: 500 },
    2e8,
    'about 1 s on cpu, more than the deadline of 0.5 s; --deadline 3 runs it',
  ],
  ['not counted', timeEstimate, 0, null],
  ['on a port of unknown speed', null, 1e15, null],
])('%s', (_, known, multiplyAdds, why) => {
  expect(whyTooSlow({ id: 'cpu', timeEstimate: known }, multiplyAdds)).toBe(why);
});

it('every backend of ours has an estimate', () => {
  for (const { id, multiplyAddsPerSecond } of backends) {
    const port = backendPort(id, { deadlineMs: 1 });
    expect(port.timeEstimate).toEqual({ deadlineMs: 1, multiplyAddsPerSecond });
    expect(multiplyAddsPerSecond).toBeGreaterThan(1e7);
    port.stop();
  }
});

it('a case that would take too long is skipped by our backends, and runs with time enough', async () => {
  const root = temporaryFolder();
  writeLinearGolden(root);
  const golden = openGolden(root);
  const read = golden.readGolden.bind(golden);
  golden.readGolden = (id) => {
    const whole = read(id);
    return { ...whole, meta: { ...whole.meta, multiplyAdds: 1e12 } };
  };
  const cases = [linearCase(0)];
  const hurried = await verify({ golden, cases, backends: ['cpu'], deadlineMs: 1000 });
  expect(hurried.outcomes).toMatchObject([
    {
      status: 'skipped',
      reason: expect.stringMatching(
        /^about \d+ s on cpu, more than the deadline of 1 s; --deadline \d+ runs it$/,
      ) as string,
    },
  ]);
  expect((await verify({ golden, cases, backends: ['cpu'], deadlineMs: 1e9 })).outcomes).toMatchObject([
    { status: 'passed' },
  ]);
});
