/** Random networks, images and methods on one of our backends, float64 and a live PyTorch, until they disagree. */
import { setImmediate } from 'node:timers/promises';
import { oracleBackend } from '@touchstone/backends';
import { openChildSession, type Session } from '@touchstone/session';
import {
  fuzzScenes,
  replayScene,
  type Fuzzed,
  type FuzzOptions,
  type FuzzResult,
  type Judged,
  type SceneDisagreement,
} from '../fuzz-scenes.js';
import type { PyTorchAnswer } from '../live-pytorch.js';
import { engineOf, SceneFolders } from './engine.js';
import { judgeScene, ownAnswers, type Engines, type OwnAnswers } from './judge.js';
import { methodScenes, type MethodScene } from './scene.js';

export type MethodDisagreement = SceneDisagreement<MethodScene>;
/** `counts`: by `Decision`. */
export type MethodFuzzResult = FuzzResult<MethodScene>;

export interface MethodContestants {
  readonly engines: Engines;
  /** null: there is none. */
  readonly pytorch: ((scenes: readonly MethodScene[]) => Promise<readonly PyTorchAnswer[]>) | null;
}

export function fuzzMethods(contestants: MethodContestants, options: FuzzOptions): Promise<MethodFuzzResult> {
  return fuzzScenes(fuzzedBy(contestants), options);
}

/** Repeats the scene of a seed and a path. */
export function replayMethods(contestants: MethodContestants, seed: number, path: string): Promise<MethodFuzzResult> {
  return replayScene(fuzzedBy(contestants), seed, path);
}

function fuzzedBy(contestants: MethodContestants): Fuzzed<MethodScene> {
  return { scenes: methodScenes, judge: (scenes, signal) => judge(contestants, scenes, signal), block: 20 };
}

/** PyTorch's process computes its answers while the backends compute theirs. */
async function judge(
  { engines, pytorch }: MethodContestants,
  scenes: readonly MethodScene[],
  signal?: AbortSignal,
): Promise<Judged[]> {
  const asked = pytorch?.(scenes);
  asked?.catch(() => undefined); // it is awaited below, unless the run is interrupted before
  const ours: OwnAnswers[] = [];
  for (const scene of scenes) {
    await setImmediate(); // signals arrive between two turns of the event loop
    signal?.throwIfAborted();
    ours.push(await ownAnswers(scene, engines));
  }
  const theirs = await asked;
  const judged: Judged[] = [];
  for (const [i, scene] of scenes.entries()) {
    signal?.throwIfAborted();
    judged.push(await judgeScene(scene, engines, ours[i]!, theirs?.[i]));
  }
  return judged;
}

/** The tested backend and float64, each in a process of its own. */
export async function openMethodEngines(
  backend: string,
  signal?: AbortSignal,
): Promise<{ readonly engines: Engines; close(): Promise<void> }> {
  const folders = new SceneFolders();
  const sessions: Session[] = [];
  const close = async (): Promise<void> => {
    for (const session of sessions) await session.close();
    folders.close();
  };
  try {
    const open = async (id: string) => {
      const session = await openChildSession({ backend: id }, { signal });
      sessions.push(session);
      return engineOf(id, session, folders);
    };
    const float64 = await open(oracleBackend.id);
    const tested = backend === oracleBackend.id ? float64 : await open(backend);
    return { engines: { tested, float64 }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
