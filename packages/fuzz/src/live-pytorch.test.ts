/** PyTorch's side is a script that follows the protocol, or breaks it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LivePyTorch } from './live-pytorch.js';
import { hookScenes, pytorchRequest } from './hook-programs/scene.js';

/**
 * Answers with the number of input values and its process id. Some target classes make it crash, hang or answer
 * wrongly.
 */
const server = `
import { createInterface } from 'node:readline';
const mode = process.argv[2];
if (mode === 'dies') { console.error('No module named torch'); process.exit(1); }
if (mode !== 'is silent') console.log(JSON.stringify(mode === 'greets' ? { hello: 1 } : { ready: true, torch: '2.0' }));
createInterface({ input: process.stdin }).on('line', (line) => {
  const requests = JSON.parse(line);
  const answer = ({ seq, target, x }) => {
    if (target.class === 13) process.exit(3);
    if (target.class === 14) return null;
    if (target.class === 15) return { seq, error: 'cannot' };
    if (target.class === 16) return { seq, stages: [['0000 output', { shape: [2], data: [1] }]] };
    const one = (value) => ({ shape: [1], data: [value] });
    return { seq, stages: [['0000 output', one(x.data.length)], ['pid', one(process.pid)]] };
  };
  const answers = requests.map(answer);
  if (!answers.includes(null)) console.log(JSON.stringify(answers));
});
`;

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-live-'));
  file = join(folder, 'server.mjs');
  await writeFile(file, server);
});
afterAll(() => rm(folder, { recursive: true }));

const started: LivePyTorch[] = [];
afterEach(async () => {
  for (const live of started.splice(0)) await live.close();
});

async function start(mode = 'well'): Promise<LivePyTorch> {
  const live = await LivePyTorch.start({
    command: process.execPath,
    args: [file, mode],
    milliseconds: { start: 2000, batch: 1500 },
  });
  started.push(live);
  return live;
}

const [scene] = fc.sample(hookScenes, { seed: 1, numRuns: 1 });
const withClass = (number: number) => ({ ...pytorchRequest(scene!), target: { class: number } });

async function pidOf(live: LivePyTorch): Promise<number> {
  const [trace] = await live.explain([withClass(0)]);
  return 'stages' in trace! ? trace.stages['pid']!.data[0]! : Number.NaN;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('an answer per request, in order, as doubles', async () => {
  const live = await start();
  expect(live.torch).toBe('2.0');
  const [first, second] = await live.explain([withClass(0), withClass(15)]);
  expect(first).toMatchObject({
    stages: { '0000 output': { shape: [1], data: Float64Array.of(scene!.x.data.length) } },
  });
  expect(second).toEqual({ error: 'cannot' });
});

test.each([
  ['dies', /No module named torch/],
  ['greets', /does not follow the protocol/],
  ['is silent', /no answer within 2 s; PyTorch in .* was ended/],
])('a process that %s instead of becoming ready', async (mode, says) => {
  await expect(start(mode)).rejects.toMatchObject({
    code: 'backend-unavailable',
    message: expect.stringMatching(says),
  });
});

test('no such program', async () => {
  await expect(LivePyTorch.start({ command: join(folder, 'no-python'), args: [] })).rejects.toMatchObject({
    code: 'backend-unavailable',
    message: expect.stringMatching(/cannot be started/),
  });
});

test.each([
  ['ends', 13, /ended with status 3/],
  ['hangs', 14, /no answer within 1\.5 s; PyTorch in .* was ended/],
  ['answers with something else', 16, /does not follow the protocol/],
])('where it %s, only that request has no answer', async (_, number, says) => {
  const live = await start();
  const before = await pidOf(live);
  const [first, second, third] = await live.explain([withClass(0), withClass(number), withClass(1)]);
  expect([first, third]).toMatchObject([{ stages: {} }, { stages: {} }]);
  expect(second).toEqual({ error: expect.stringMatching(says) });
  expect(isRunning(before)).toBe(false);
});

test('two requests in a row without an answer are the end', async () => {
  const live = await start();
  const asked = live.explain([withClass(0), withClass(13), withClass(13), withClass(1)]);
  await expect(asked).rejects.toMatchObject({
    code: 'process-crashed',
    message: expect.stringMatching(/^PyTorch is given up: /),
  });
});

test('after its end no request starts it again', async () => {
  const live = await start();
  const ended = expect(live.explain([withClass(14), withClass(0)])).rejects.toMatchObject({ code: 'process-crashed' });
  await live.close(); // the first request hangs
  await ended;
  await expect(live.explain([withClass(0)])).rejects.toMatchObject({ message: 'PyTorch was ended' });
});

test('a signal ends it while it starts', async () => {
  const controller = new AbortController();
  const starting = LivePyTorch.start(
    { command: process.execPath, args: [file, 'is silent'], milliseconds: { start: 600_000, batch: 1500 } },
    controller.signal,
  );
  controller.abort();
  await expect(starting).rejects.toMatchObject({ code: 'backend-unavailable' });
});

test('nothing is left running', async () => {
  const live = await start();
  const pid = await pidOf(live);
  expect(isRunning(pid)).toBe(true);
  await live.close();
  expect(isRunning(pid)).toBe(false);
});
