import { hooksIn, type Stages } from '@touchstone/contract';
import { findBackend } from '@touchstone/backends';
import { beforeAll, describe, expect, test } from 'vitest';
import { fuzzHooks, replayHooks } from './fuzz.js';
import type { PyTorchAnswer } from '../live-pytorch.js';
import type { HookScene } from './scene.js';
import { ourTrace } from './trace.js';

beforeAll(() => findBackend('float64').open());

/** One at a time: in this test both sides share one engine. */
let queue: Promise<unknown> = Promise.resolve();
function traced(scene: HookScene): Promise<Stages> {
  const trace = queue.then(() => ourTrace(scene));
  queue = trace.catch(() => undefined);
  return trace;
}

/** Ours instead of PyTorch: they agree. */
const pytorch = (scenes: readonly HookScene[]): Promise<PyTorchAnswer[]> =>
  Promise.all(scenes.map(async (scene) => ({ stages: await traced(scene) })));
const right = { pytorch, ours: traced };

/** Ignores removals inside hooks. */
const wrong = async (scene: HookScene): Promise<Stages> => {
  const acts = JSON.stringify(scene.program, (key, value) =>
    key === 'acts' ? (value as { do: string }[]).filter((act) => act.do !== 'remove') : value,
  );
  return traced({ ...scene, program: JSON.parse(acts) as HookScene['program'] });
};

test('agreement on every program and all its stages', async () => {
  const done: number[] = [];
  const { scenes, counts, disagreement } = await fuzzHooks(right, {
    runs: 70,
    seed: 3,
    onProgress: (count) => done.push(count),
  });
  expect({ scenes, disagreement, done }).toEqual({ scenes: 70, disagreement: null, done: [50, 70] });
  expect(counts['stages']).toBeGreaterThan(500);
});

test('an interrupt ends it between two programs, not after a block of them', async () => {
  const controller = new AbortController();
  const stop = new Error('stop');
  let asked = 0;
  const ours = async (): Promise<Stages> => {
    if (++asked === 3) setImmediate(() => controller.abort(stop));
    return {};
  };
  // PyTorch is ended by the same signal.
  const never = () =>
    new Promise<PyTorchAnswer[]>((_, reject) => controller.signal.addEventListener('abort', () => reject(stop)));
  const { signal } = controller;
  await expect(fuzzHooks({ pytorch: never, ours }, { runs: 50, seed: 3, signal })).rejects.toBe(stop);
  expect(asked).toBeLessThan(10);
});

describe('a fault', () => {
  test('is found, shrunk to a small program, and repeated by seed and path', async () => {
    const { disagreement } = await fuzzHooks({ pytorch, ours: wrong }, { runs: 500, seed: 11 });
    const { scene, seed, path, difference, shrinks } = disagreement!;
    expect(shrinks).toBeGreaterThan(5);
    expect(hooksIn(scene.program.steps).length).toBeLessThanOrEqual(3);
    expect(scene.program.steps.length).toBeLessThanOrEqual(5);
    expect(Object.keys(scene.description.modules).length).toBeLessThanOrEqual(6);
    expect(hooksIn(scene.program.steps).flatMap(({ hook }) => hook.acts.map((act) => act.do))).toContain('remove');
    expect(await replayHooks({ pytorch, ours: wrong }, seed, path)).toMatchObject({
      scenes: 1,
      disagreement: { seed, path, difference, scene: { program: scene.program } },
    });
    expect(await replayHooks(right, seed, path)).toMatchObject({ disagreement: null });
  });

  test('a missing trace counts too, on either side', async () => {
    const throws = await fuzzHooks(
      { pytorch, ours: () => Promise.reject(new Error('broken')) },
      { runs: 1, seed: 1, shrinkMilliseconds: 1000 },
    );
    expect(throws.disagreement!.difference).toMatch(/^ours gave no trace: Error: broken/);
    const refuses = await fuzzHooks(
      { pytorch: (scenes) => Promise.resolve(scenes.map(() => ({ error: 'crashed' }))) },
      { runs: 1, seed: 1, shrinkMilliseconds: 1000 },
    );
    expect(refuses.disagreement!.difference).toBe('PyTorch gave no trace: crashed');
  });

  test('that a second run does not repeat is reported as such', async () => {
    let asked = 0;
    const once = async (scene: HookScene): Promise<Stages> => (asked++ === 0 ? wrongOnce() : traced(scene));
    const wrongOnce = (): Stages => ({ '0000 threw framework': { shape: [1], data: Float64Array.of(0) } });
    const { disagreement } = await fuzzHooks({ pytorch, ours: once }, { runs: 1, seed: 1 });
    expect(disagreement!.difference).toMatch(/is not deterministic/);
  });
});

test('an aborted run ends', async () => {
  const controller = new AbortController();
  const running = fuzzHooks(right, {
    runs: 1000,
    seed: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(running).rejects.toThrow('enough');
});
