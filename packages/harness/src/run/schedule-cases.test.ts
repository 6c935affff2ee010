/** A backend with two engines: every case once and in order, a fault of one is its own, and nothing is left behind. */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import { backendPort } from '../port/backend-port.js';
import { modulePort } from '../port/module-port.js';
import { openGolden } from '../golden/golden-store.js';
import { everyField } from '../testing/every-field.js';
import { childrenOf } from '../testing/processes.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { verify } from './verify.js';

const root = join(temporaryFolder(), 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const cases = [0, 1, 2, 3, 4, 5].map(linearCase);
const limits = { deadlineMs: 60_000 };

it('of backends that use one core each there may be another; of pages that is known when they are open', () => {
  for (const { id, supportsWorkers } of backends)
    expect([id, backendPort(id, limits).another()?.id]).toEqual([id, supportsWorkers ? id : undefined]);
  expect(modulePort(fileURLToPath(new URL('../testing/port.mjs', import.meta.url)), limits).another()).toBe(null);
});

/**
 * The first engine is kept at its second case, which is not done meanwhile, until another has done all the others;
 * `onSecond`: what happens when that has done one, to its child process.
 */
async function withFirstKept(onSecond: (host: number) => void) {
  let release = (): void => undefined;
  const othersDone = new Promise<void>((resolve) => (release = resolve));
  let first: string[] = [];
  let done = 0;
  const { outcomes, summary } = await verify({
    golden,
    cases,
    backends: ['cpu'],
    onProgress: () => {
      if (++done === 1) first = childrenOf(process.pid);
      if (done === cases.length - 1) release();
    },
    onResult: async ({ id }) => {
      if (id === cases[1]!.id) await othersDone;
      if (id === cases[2]!.id) onSecond(Number(childrenOf(process.pid).find((host) => !first.includes(host))));
    },
  });
  expect(outcomes.map((outcome) => outcome.case)).toEqual(cases.map(({ id }) => id));
  await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toEqual([]);
  return { outcomes, summary };
}

it('the second does what the first has not begun', async () => {
  const seconds: number[] = [];
  const { summary } = await withFirstKept((host) => seconds.push(host));
  expect(seconds).toHaveLength(1);
  expect(seconds[0]).toBeGreaterThan(0);
  expect([summary.passed, summary.complete]).toEqual([cases.length, true]);
});

it('the second is killed: one case errored, the others pass', async () => {
  const { outcomes, summary } = await withFirstKept((host) => process.kill(host, 'SIGKILL'));
  expect(outcomes.map(everyField).map(({ status, code }) => [status, code])).toEqual(
    cases.map((_, index) => (index === 3 ? ['errored', 'process-crashed'] : ['passed', null])),
  );
  expect(summary.complete).toBe(true);
});
