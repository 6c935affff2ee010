/** The same request in every runtime, and what only some can do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Stages } from '@touchstone/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { openChildSession, openSession } from './open-session.js';
import type { Answered, ExplainAnswer, ExplainRequest } from './request.js';
import type { Session } from './session.js';

const networkFolder = fileURLToPath(new URL('../../../golden/networks/tiny-vgg', import.meta.url));
const request: ExplainRequest = {
  method: 'saliency',
  networkFolder,
  x: { shape: [1, 3, 32, 32], data: Float32Array.from({ length: 3072 }, (_, i) => Math.sin(i)) },
  target: 'likeliest',
  params: {},
  fixtures: {},
  stages: ['attribution'],
  wantLogits: true,
  maxValues: 1e6,
};

const open: Session[] = [];
afterEach(() => Promise.all(open.splice(0).map((session) => session.close())));
const opened = async (session: Promise<Session>): Promise<Session> => {
  open.push(await session);
  return open.at(-1)!;
};

function answered(answer: ExplainAnswer): Answered {
  if (answer.kind !== 'answered') throw new Error(answer.reason);
  return answer;
}

describe.each([
  ['this process', () => openSession({ backend: 'cpu' }), 'process'],
  ['a child process', () => openChildSession({ backend: 'cpu' }), 'child'],
] as const)('in %s', (_, openIt, runtime) => {
  it('loads, explains the wanted stages only, is asked why, and leaves no tensor', async () => {
    const session = await opened(openIt());
    expect([session.runtime, session.info.name, session.info.precision]).toEqual([runtime, 'touchstone', 'float32']);
    await session.load(networkFolder);
    const before = await session.tensors();
    const once = answered(await session.explain(request));
    const twice = answered(await session.explain(request, { twice: true }));
    expect(once).toMatchObject({ unrepeated: null, leaked: 0, peakBytes: null });
    expect(twice).toMatchObject({ unrepeated: null, leaked: 0, peakBytes: expect.any(Number) as number });
    expect(Object.keys(once.stages)).toEqual(['attribution']);
    expect(once.logits!.shape).toEqual([1, 10]);
    expect(once.target).toEqual({ class: once.logits!.data.indexOf(Math.max(...once.logits!.data)) });
    expect(twice.stages).toEqual(once.stages);
    const { relus } = await session.diagnose({ kind: 'switchPoints', request });
    expect(relus.length).toBeGreaterThan(0);
    expect(await session.tensors()).toBe(before);
  });

  it('answers questions that are asked at the same time in their order, also about several networks', async () => {
    const session = await opened(openIt());
    const residual = fileURLToPath(new URL('../../../golden/networks/residual', import.meta.url));
    const requests = [request, { ...request, networkFolder: residual }, { ...request, target: { class: 1 } }, request];
    const alone: unknown[] = [];
    for (const each of requests) alone.push(answered(await session.explain(each)).stages);
    const [together] = await Promise.all([
      Promise.all(requests.map((each) => session.explain(each))),
      session.load(residual),
      session.tensors(),
    ]);
    expect(together.map((answer) => answered(answer).stages)).toEqual(alone);
  });

  it('answers nothing once it is closed, and can be closed again', async () => {
    const session = await opened(openIt());
    const asked = session.explain(request);
    const waiting = session.explain(request);
    await Promise.all([session.close(), session.close()]);
    await asked;
    const closed = { code: 'process-crashed', reason: expect.stringMatching(/closed|stopped/) as string };
    expect(await waiting).toMatchObject(closed);
    expect(await session.explain(request)).toMatchObject(closed);
    await expect(session.load(networkFolder)).rejects.toThrow('the session is closed');
    await expect(session.tensors()).rejects.toThrow('the session is closed');
  });

  it('refuses a target that is no class, and weights that are no numbers', async () => {
    const session = await opened(openIt());
    const targets = [-1, 0.5, 10, NaN].map((index) => ({ class: index }));
    for (const target of [...targets, { weights: Array.from({ length: 10 }, () => NaN) }])
      expect(await session.explain({ ...request, target })).toMatchObject({ kind: 'errored', code: 'bad-input' });
    expect(answered(await session.explain(request)).leaked).toBe(0);
  });

  it('what goes wrong is the answer, with its remedy', async () => {
    const session = await opened(openIt());
    expect(await session.explain({ ...request, target: { class: 99 } })).toMatchObject({
      kind: 'errored',
      code: 'bad-input',
      hint: expect.any(String) as string,
      leaked: 0,
    });
    expect(await session.explain({ ...request, networkFolder: 'nowhere' })).toMatchObject({ code: 'bad-network' });
    await expect(session.ask('anything')).rejects.toMatchObject({ code: 'internal' });
    answered(await session.explain(request));
  });
});

it('a stage that the method does not have is an error, not an empty answer', async () => {
  const session = await opened(openSession({ backend: 'cpu' }));
  expect(await session.explain({ ...request, stages: ['atribution'] })).toMatchObject({
    kind: 'errored',
    code: 'unknown-name',
    hint: expect.stringMatching(/^Did you mean "attribution"/) as string,
  });
  const absent = answered(await session.explain({ ...request, stages: ['display', 'attribution'] }));
  expect(Object.keys(absent.stages)).toEqual(['attribution']);
});

it('an extension answers on the opened backend', async () => {
  const session = await opened(
    openSession({ backend: 'cpu' }, { extension: async (question, { backend }) => [question, backend.id] }),
  );
  expect(await session.ask(7)).toEqual([7, 'cpu']);
});

it('what onStep throws, explain rejects with', async () => {
  const session = await opened(openSession({ backend: 'cpu' }));
  const stop = new Error('enough');
  const steps: number[] = [];
  const state: Stages[] = [];
  const control = {
    onStep: async (progress: { step: number; state: () => Promise<Stages> }) => {
      steps.push(progress.step);
      state.push(await progress.state());
      if (progress.step === 2) throw stop;
    },
  };
  const asked = { ...request, method: 'class-visualization', target: { class: 3 }, stages: undefined };
  await expect(session.explain(asked, { control })).rejects.toBe(stop);
  expect(steps).toEqual([1, 2]);
  expect(state).toHaveLength(2);
});

it('a session whose backend another has replaced in this process refuses until it is back', async () => {
  const first = await opened(openSession({ backend: 'cpu' }));
  const before = answered(await first.explain(request)).stages;
  const second = await opened(openSession({ backend: 'float64' }));
  expect(answered(await second.explain(request)).stages).not.toEqual(before);
  await expect(first.load(networkFolder)).rejects.toMatchObject({
    code: 'usage',
    message: 'a session on cpu cannot compute: the backend "float64" was selected in this process later',
  });
  expect(await first.explain(request)).toMatchObject({ kind: 'errored', code: 'usage' });
  const third = await opened(openSession({ backend: 'cpu' }));
  expect(answered(await third.explain(request)).stages).toEqual(before);
  expect(answered(await first.explain(request)).stages).toEqual(before);
});

it('a backend that is not there says why', async () => {
  await expect(openSession({ backend: 'wasn' })).rejects.toMatchObject({ code: 'unknown-name' });
  await expect(openChildSession({ backend: 'wasn' })).rejects.toMatchObject({ code: 'unknown-name' });
});

it('a port whose answer throws while it is read is at fault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-port-'));
  const module = join(folder, 'port.mjs');
  const answer = `{ get attribution() { throw new Error('not yet'); } }`;
  writeFileSync(module, `export default { name: 'p', version: '1', methods: { saliency: async () => (${answer}) } };`);
  const session = await opened(openSession({ module }));
  expect(await session.explain(request)).toMatchObject({
    kind: 'errored',
    code: 'port-error',
    reason: "the port's answer cannot be read: not yet",
  });
  rmSync(folder, { recursive: true });
});
