/** float64 in this process; in the place of the tested backend a mutant, in the place of PyTorch float64 again. */
import type { Stages } from '@touchstone/contract';
import { findMethod, mutants } from '@touchstone/methods';
import { loadNetwork, parseNetwork } from '@touchstone/network';
import { openSession, type Session } from '@touchstone/session';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PyTorchAnswer } from '../live-pytorch.js';
import { engineOf, Refusal, SceneFolders, type Engine } from './engine.js';
import { fuzzMethods, replayMethods } from './fuzz.js';
import type { MethodScene } from './scene.js';

/** One at a time: in this test all engines share one. */
let queue: Promise<unknown> = Promise.resolve();
function inTurn<T>(run: () => Promise<T>): Promise<T> {
  const result = queue.then(run);
  queue = result.catch(() => undefined);
  return result;
}

const folders = new SceneFolders();
let session: Session;
let float64: Engine;
beforeAll(async () => {
  session = await openSession({ backend: 'float64' });
  const its = engineOf('float64', session, folders);
  float64 = { ...its, explain: (scene) => inTurn(() => its.explain(scene)) };
});
afterAll(async () => {
  await session.close();
  folders.close();
});

const pytorch = async (scenes: readonly MethodScene[]): Promise<PyTorchAnswer[]> => {
  const answers: PyTorchAnswer[] = [];
  for (const scene of scenes) {
    const stages = await float64.explain(scene);
    answers.push(stages instanceof Error ? { error: stages.message } : { stages });
  }
  return answers;
};

/** The right answers, but those of a mutant's methods. */
function spoilt(id: string): Engine {
  const mutant = mutants.find((each) => each.id === id)!;
  const explainWrongly = async (scene: MethodScene): Promise<Stages | Error> => {
    const { description, weights, x, target, params, fixtures, method } = scene;
    const network = loadNetwork(parseNetwork(description, 'it'), weights);
    try {
      return await mutant.explain(findMethod(method), { network, x, target, params, fixtures });
    } catch (error) {
      return new Refusal((error as Error).message);
    } finally {
      network.dispose();
    }
  };
  const isSpoilt = ({ method }: MethodScene) => mutant.of.includes(method);
  return {
    ...float64,
    name: id,
    explain: (scene) => (isSpoilt(scene) ? inTurn(() => explainWrongly(scene)) : float64.explain(scene)),
  };
}

test('agreement: every decision is counted', async () => {
  const done: number[] = [];
  const { scenes, counts, disagreement } = await fuzzMethods(
    { engines: { tested: { ...float64, name: 'other' }, float64 }, pytorch: null },
    { runs: 70, seed: 5, onProgress: (count) => done.push(count) },
  );
  expect({ scenes, disagreement, done }).toEqual({ scenes: 70, disagreement: null, done: [20, 40, 60, 70] });
  expect(Object.values(counts).reduce((a, b) => a + b)).toBe(70);
  expect(Object.keys(counts).toSorted()).toEqual(['close', 'refused']);
  expect(counts['refused']).toBeLessThan(12);
});

describe('a fault of the backend is found', () => {
  test.each([
    'relu-open-at-zero',
    'ties-to-last',
    'divisor-ignored',
    'cam-batch-maximum',
    'sample-variance',
    'maps-overwritten',
  ])('%s', async (id) => {
    const { disagreement } = await fuzzMethods(
      { engines: { tested: spoilt(id), float64 }, pytorch: null },
      { runs: 1500, seed: 2, shrinkMilliseconds: 1 },
    );
    expect(mutants.find((mutant) => mutant.id === id)!.of).toContain(disagreement?.scene.method);
  });

  test('and shrunk to a small network, and repeated by seed and path', async () => {
    const contestants = { engines: { tested: spoilt('relu-open-at-zero'), float64 }, pytorch };
    const { disagreement } = await fuzzMethods(contestants, { runs: 500, seed: 3 });
    const { scene, seed, path, difference, shrinks } = disagreement!;
    expect(difference).toMatch(/^relu-open-at-zero differs from float64: stage /);
    expect(shrinks).toBeGreaterThan(5);
    expect(Object.keys(scene.description.modules).length).toBeLessThanOrEqual(8);
    expect(scene.x.data.length).toBeLessThanOrEqual(12);
    expect(await replayMethods(contestants, seed, path)).toMatchObject({ disagreement: { seed, path, difference } });
  });
});

test('a fault of our float64 is found by PyTorch', async () => {
  const ours = { ...spoilt('softmax-target'), name: 'float64' };
  const { disagreement } = await fuzzMethods(
    { engines: { tested: ours, float64: ours }, pytorch },
    { runs: 100, seed: 4, shrinkMilliseconds: 1 },
  );
  expect(disagreement).toMatchObject({ difference: expect.stringMatching(/^float64 differs from PyTorch/) });
});

test('an aborted run ends', async () => {
  const controller = new AbortController();
  const running = fuzzMethods(
    { engines: { tested: float64, float64 }, pytorch },
    { runs: 10_000, seed: 1, signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) },
  );
  await expect(running).rejects.toThrow('enough');
});
