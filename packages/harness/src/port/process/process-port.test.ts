/**
 * Ports that are processes: right ones, broken ones and hostile ones. Each has one clear outcome, no fault is green,
 * and no process and no folder is left.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { exitStatusOf, TouchstoneError } from '@touchstone/contract';
import { openGolden } from '../../golden/golden-store.js';
import { verify, type Verification } from '../../run/verify.js';
import { deadlinesPass, releaseDeadlines } from '../../testing/deadlines.js';
import { everyField } from '../../testing/every-field.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../../testing/linear-golden.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const cases = [0, 1, 2].map(linearCase);
const program = fileURLToPath(new URL('../../testing/process-port.mjs', import.meta.url));

// Where the folders of ports are made.
const scratch = join(folder, 'tmp');
mkdirSync(scratch);
const before = process.env['TMPDIR'];
process.env['TMPDIR'] = scratch;
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
});

const log = join(folder, 'pids');
const pids = (): number[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').map(Number) : []);

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Nothing that a port was or has started runs, and its folder is gone. */
const left = (): unknown[] => [...readdirSync(scratch), ...pids().filter(runs)];

/** Deadlines pass only where the port hangs for ever: at its start, or in its second case. */
async function verifyPort(fault: string, expectations?: string): Promise<Verification> {
  const hangs = ['hang', 'stubborn'].includes(fault);
  if (hangs) deadlinesPass(0);
  if (fault === 'hang at start') deadlinesPass(100);
  const port = `cmd:'${process.execPath}' '${program}' '${fault}' '${log}'`;
  const onProgress = (_: unknown, { done }: { done: number }): void => {
    if (hangs) deadlinesPass(done === 1 ? 50 : 1);
  };
  return verify({ golden, cases, port, expectations, deadlineMs: hangs ? 3000 : 60_000, onProgress });
}
afterEach(async () => {
  releaseDeadlines();
  await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  rmSync(log, { force: true });
});

const brief = ({ outcomes }: Verification) =>
  outcomes.map(everyField).map(({ status, check, code }) => [status, check ?? code]);
const passed = ['passed', null];

describe('a port that keeps the rules', () => {
  it.each(['nothing', 'nhwc', 'child', 'setsid'])('%s: passes', async (fault) => {
    const found = await verifyPort(fault);
    expect(brief(found)).toEqual([passed, passed, passed]);
    expect([exitStatusOf(found.summary), found.summary.faults]).toEqual([0, []]);
    expect(found.header.port).toEqual({ name: 'a port', version: '1' });
  });

  it.each([
    ['unsupported', ['skipped', null], 0, 'no Linear'],
    ['error', ['errored', 'port-error'], 4, 'the port failed: out of memory'],
    ['crash', ['errored', 'process-crashed'], 4, 'the port ended with status 7; it printed: Error: boom'],
    ['kill', ['errored', 'process-crashed'], 4, 'the port ended with SIGKILL'],
    ['hang', ['errored', 'timeout'], 4, 'no answer within 3 s; the port was ended'],
    ['stubborn', ['errored', 'timeout'], 4, 'no answer within 3 s; the port was ended'],
    ['NaN', ['failed', 'non-finite'], 1, 'differs from the golden'],
    ['wrong shape', ['failed', 'shape'], 1, 'differs from the golden'],
    ['other bits', ['failed', 'repeat'], 1, 'a second run'],
    ['second unsupported', ['failed', 'repeat'], 1, 'a second run had no answer: no Linear'],
    ['second error', ['failed', 'repeat'], 1, 'a second run had no answer: the port failed: out of memory'],
  ])('%s: that case is not passed, the others are judged', async (fault, outcome, status, reason) => {
    const found = await verifyPort(fault);
    expect(brief(found)).toEqual([passed, outcome, passed]);
    expect(found.outcomes[1]!.reason).toContain(reason);
    expect([exitStatusOf(found.summary), found.summary.complete]).toEqual([status, true]);
  });
});

describe('a port that breaks the protocol', () => {
  it.each([
    ['prints', 'a line of the port is not JSON: Loading the model'],
    ['is not UTF-8', 'a line of the port is not UTF-8'],
    ['long line', 'a line of the port is longer than 1048576 bytes: xxx'],
    ['flood', 'the port breaks the protocol: its reply to "run"'],
    ['wrong seq', 'its "seq" is 4 where 3 was asked; it sent: {"seq":4'],
    ['wrong nonce', 'its reply to "run" repeats another nonce; it sent: {"seq":3'],
    ['unknown status', '"status"'],
    ['deep nesting', 'its reply to "run"'],
    ['forged bye', 'its reply to "run"'],
    ['twice', ': {"seq":3'],
    ['early', ': {"seq":2'],
    ['no file', 'no such file'],
    ['short file', 'too short for a safetensors file'],
    ['wrong dtype', 'dtype "I32" is not one of F32, F64'],
    ['link out', 'is a link to a file outside of its folder'],
    ['fifo', 'a FIFO'],
    ['folder', 'a folder'],
    ['sparse', '1099511627776 bytes'],
    ['no scratch', 'no such file'],
  ])('%s: the case is errored, and the run is not complete', async (fault, reason) => {
    const found = await verifyPort(fault);
    // What comes too early may arrive while the first case still runs; a folder is missed by the next case too.
    const [first, second, third] = brief(found);
    expect([first, second]).toContainEqual(['errored', 'port-error']);
    if (!['early', 'no scratch'].includes(fault)) expect([first, third]).toEqual([passed, passed]);
    expect(found.outcomes.find(({ status }) => status === 'errored')!.reason).toContain(reason);
    expect([exitStatusOf(found.summary), found.footer]).toEqual([4, null]);
    expect(found.summary.faults.join()).toContain(reason);
  });

  it('is not started more often than three times in a row', async () => {
    const found = await verifyPort('other name');
    expect(brief(found)).toEqual([passed, ['errored', 'process-crashed'], ['errored', 'port-error']]);
    expect(found.outcomes[2]!.reason).toContain('the port says of itself {"protocol":1,"port":{"name":"port ');
    expect(exitStatusOf(found.summary)).toBe(4);
  });

  it.each([
    ['wrong count', 'it says that it has answered 7 runs; it was asked for 6; it sent: {"bye":true'],
    ['no bye', 'at its end: the port ended with status 0'],
    ['talk at its end', 'at its end: a line of the port is not JSON: Done!'],
    ['a line after bye', 'at its end: a line of the port was not asked for: {"hi":1}'],
    ['half a line after bye', 'at its end: a line of the port is not JSON: hi'],
  ])('%s: though every case has passed, the run is not complete', async (fault, reason) => {
    const found = await verifyPort(fault);
    expect(brief(found)).toEqual([passed, passed, passed]);
    expect([exitStatusOf(found.summary), found.summary.complete, found.footer]).toEqual([4, false, null]);
    expect(found.summary.faults.join()).toContain(reason);
  });

  it.each([
    ['crash at start', 'process-crashed', 'the port cannot be opened: the port ended with status 3'],
    ['hang at start', 'timeout', 'the port cannot be opened: no answer within 60 s'],
    ['backend name', 'port-error', 'the port calls itself "wasm", as a backend does'],
  ])('%s: nothing is run', async (fault, code, message) => {
    const error = await verifyPort(fault).catch((thrown: unknown) => thrown as TouchstoneError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
  });
});

describe('what is known of a port', () => {
  const known = join(folder, 'known.jsonc');
  const row = {
    match: { case: '*class-1' },
    reason: 'known since long',
    link: 'https://e.org/1',
    expires: '9999-01-01',
  };

  it.each([
    ['a known failure is skipped', 'error', { ...row, code: 'port-error' }, 0, []],
    ['one that fails in another way is a finding', 'error', { ...row, check: 'e2' }, 1, ['errored with port-error']],
    ['one that passes is a finding', 'nothing', { ...row, check: 'e2' }, 1, ['passed; ']],
    [
      'a row that matches nothing is a finding',
      'nothing',
      { ...row, match: { case: 'x' }, check: 'e2' },
      1,
      ['no case'],
    ],
    ['a fault of the protocol leaves the run incomplete', 'no file', { ...row, code: 'port-error' }, 4, []],
  ])('%s', async (_, fault, listed, status, findings) => {
    writeFileSync(known, `// known\n[${JSON.stringify(listed)}]`);
    const { summary } = await verifyPort(fault, known);
    expect([exitStatusOf(summary), summary.findings.length]).toEqual([status, findings.length]);
    for (const text of findings) expect(summary.findings.join()).toContain(text);
  });
});

it('a JavaScript port served by the client: layout, what it prints, throws and does not support', async () => {
  const index = new URL('../../../../port/dist/index.js', import.meta.url).href;
  const file = join(folder, 'served.mjs');
  writeFileSync(
    file,
    `import { servePort } from ${JSON.stringify(index)};
    const saliency = ({ network, inputs: { x }, target }) => {
      console.log('asked for', target.class);
      if (target.class === 1) throw new Error('no class 1');
      if (target.class === 2) throw Object.assign(new Error('no class 2'), { code: 'unsupported' });
      const row = network.weights['fc.weight'].data.subarray(0, 24);
      return { attribution: { shape: x.shape, data: Float64Array.from(row, (_, i) => row[(i % 2) * 12 + (i >> 1)]) } };
    };
    await servePort({ name: 'served', version: '2', layout: 'NHWC', dtype: 'float64', methods: { saliency } });`,
  );
  const printed: string[] = [];
  const port = `cmd:'${process.execPath}' '${file}'`;
  const found = await verify({ golden, cases, port, onPrinted: (line) => printed.push(line) });
  expect(brief(found)).toEqual([passed, ['errored', 'port-error'], ['skipped', null]]);
  expect(found.outcomes.map(({ reason }) => reason)).toEqual([null, 'the port failed: no class 1', 'no class 2']);
  expect([found.header.port, found.summary.faults]).toEqual([{ name: 'served', version: '2' }, []]);
  expect(printed).toContain('asked for 2');
});

it('a module that answers a case once, and then throws or does not support it', async () => {
  const file = join(folder, 'once.mjs');
  writeFileSync(
    file,
    `let asked = 0;
    const saliency = ({ network, inputs: { x }, target }) => {
      if (++asked === 2) throw new Error('no more');
      if (asked === 4) throw Object.assign(new Error('no Linear'), { code: 'unsupported' });
      const { data } = network.weights['fc.weight'];
      return { attribution: { shape: x.shape, data: data.slice(24 * target.class, 24 * (target.class + 1)) } };
    };
    export default { name: 'once', version: '1', methods: { saliency } };`,
  );
  const found = await verify({ golden, cases, port: file });
  expect(brief(found)).toEqual([['failed', 'repeat'], ['failed', 'repeat'], passed]);
  expect(found.outcomes.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^a second run had no answer: the port threw: no more/),
    expect.stringMatching(/^a second run had no answer: (unsupported: )?no Linear/),
    null,
  ]);
});
