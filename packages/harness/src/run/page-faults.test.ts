/** Faults of a real page: each gives one clear outcome, the other cases still run, and nothing is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
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

/** Four faults in one run, each after a case that passes; `started` are the browsers and what they started. */
async function verifyWithFaults() {
  const started = new Set<string>();
  deadlinesPass(0);
  const { outcomes } = await verify({
    golden,
    cases: Array.from({ length: 2 * faults.length + 1 }, (_, target) => linearCase(target)),
    backends: ['webgl'],
    onProgress: (_, { done }) => {
      const fault = done % 2 === 1 ? faults[(done - 1) / 2] : undefined;
      for (const { pid } of fault ? startedByChildrenOf(process.pid) : []) started.add(pid);
      fault?.act();
      deadlinesPass(fault?.code === 'timeout' ? 500 : 0);
    },
  });
  deadlinesPass(1);
  return { outcomes, started };
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

const faults = [
  { title: 'Chromium is killed', act: kill(null), code: 'process-crashed', said: /Chromium ended|page crashed/ },
  { title: 'the page crashes', act: kill('renderer'), code: 'process-crashed', said: /the page crashed/ },
  {
    title: 'the process that draws crashes',
    act: kill('gpu-process'),
    code: 'process-crashed',
    said: /the WebGL context was lost/,
  },
  // Last: while its deadline passes, a second page may join.
  {
    title: 'a kernel hangs, which the deadline ends',
    act: kill('gpu-process', 'SIGSTOP'),
    code: 'timeout',
    said: /no answer within/,
  },
];

describe.skipIf(state.kind === 'unavailable')(`a page${reason && ` is unavailable: ${reason}`}`, () => {
  let found: Awaited<ReturnType<typeof verifyWithFaults>>;
  beforeAll(async () => {
    found = await verifyWithFaults();
  });

  it.each(faults.map(({ title, code, said }, i) => ({ title, code, said, i })))(
    '$title: one errored case, then a fresh page',
    ({ code, said, i }) => {
      const [before, during, after] = found.outcomes.slice(2 * i).map(everyField);
      expect([before!.status, after!.status]).toEqual(['passed', 'passed']);
      expect(during).toMatchObject({ status: 'errored', code, reason: expect.stringMatching(said) as string });
    },
  );

  it('nothing is left of any', async () => {
    expect(found.started.size).toBeGreaterThan(3 * faults.length);
    await nothingIsLeft([...found.started]);
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
});
