/** Faults of a real page: each gives one clear outcome, the other cases still run, and nothing is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Outcome } from '@touchstone/contract';
import { backendPort } from '../port/backend-port.js';
import { openGolden } from '../golden/golden-store.js';
import { deadlinesPass, releaseDeadlines } from '../testing/deadlines.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { everyField } from '../testing/every-field.js';
import { childrenOf, runs, startedByChildrenOf } from '../testing/processes.js';
import { verify } from './verify.js';

const root = join(temporaryFolder(), 'golden');
writeLinearGolden(root);
const golden = openGolden(root);

const port = backendPort('webgl', { deadlineMs: 60_000 });
const state = await port.open();
port.stop();
const reason = state.kind === 'unavailable' ? state.reason : '';

/** A separate folder for everything that child processes and browsers write, so that remains show. */
let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'touchstone-faults-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

/** Browser processes by their `--type`; the main process has none. */
const partOf = (type: string | null) =>
  startedByChildrenOf(process.pid)
    .filter(({ command }) => command.includes('--headless') || command.includes('--type='))
    .filter(({ command }) => (/--type=(\S+)/.exec(command)?.[1] ?? null) === type);

async function verifyDoing(act: () => void, { hangs = false, cases = 4 } = {}): Promise<readonly Outcome[]> {
  let started: string[] = [];
  deadlinesPass(0);
  const { outcomes } = await verify({
    golden,
    cases: Array.from({ length: cases }, (_, target) => linearCase(target)),
    backends: ['webgl'],
    onProgress: (_, { done }) => {
      if (done === 1) {
        started = startedByChildrenOf(process.pid).map(({ pid }) => pid);
        act();
      }
      deadlinesPass(done === 1 && hangs ? 500 : 0);
    },
  });
  deadlinesPass(1);
  expect(started.length).toBeGreaterThan(3);
  await nothingIsLeft(started);
  return outcomes;
}

afterEach(releaseDeadlines);

async function nothingIsLeft(started: readonly string[]): Promise<void> {
  await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => started.filter(runs), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => readdirSync(temporary), { timeout: 20_000 }).toEqual([]);
}

const kill =
  (type: string | null, signal: NodeJS.Signals = 'SIGKILL') =>
  () => {
    const found = partOf(type);
    expect(found.length, `processes of type ${type}`).toBeGreaterThan(0);
    for (const { pid } of found) process.kill(Number(pid), signal);
  };

describe.skipIf(state.kind === 'unavailable')(`a page${reason && ` is unavailable: ${reason}`}`, () => {
  it.each([
    ['Chromium is killed', kill(null), 'process-crashed', /Chromium ended|page crashed/],
    ['the page crashes', kill('renderer'), 'process-crashed', /the page crashed/],
    ['the process that draws crashes', kill('gpu-process'), 'process-crashed', /the WebGL context was lost/],
  ])('%s: one errored case, then a fresh page', async (_, act, code, said) => {
    const outcomes = await verifyDoing(act);
    expect(outcomes.map(({ status }) => status)).toEqual(['passed', 'errored', 'passed', 'passed']);
    expect(outcomes[1]).toMatchObject({ code, reason: expect.stringMatching(said) as string });
  });

  it('may have a second page next to it where it draws in software', () => {
    expect(port.another() !== null).toBe(state.kind === 'ready' && state.softwareRenderer);
  });

  it('the whole program is killed: the browser ends too', async () => {
    const program = `
      import { openGolden, verify } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      const golden = openGolden(${JSON.stringify(root)});
      await verify({ golden, cases: golden.cases, backends: ['webgl'], onProgress: () => console.log('first') });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const orphans = [...childrenOf(parent.pid!), ...startedByChildrenOf(parent.pid!).map(({ pid }) => pid)];
    expect(orphans.length).toBeGreaterThan(4);
    parent.kill('SIGKILL');
    await nothingIsLeft(orphans);
  });

  it('a kernel hangs: the deadline ends it', async () => {
    const outcomes = await verifyDoing(kill('gpu-process', 'SIGSTOP'), { hangs: true, cases: 3 });
    expect(outcomes.map(everyField).map(({ status, code }) => [status, code])).toEqual([
      ['passed', null],
      ['errored', 'timeout'],
      ['passed', null],
    ]);
  });
});
