/** Runs new random programs on PyTorch and on ours at the same time, until they disagree or there are enough. */
import { setImmediate } from 'node:timers/promises';
import type { Stages } from '@touchstone/contract';
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
import { compareTraces } from './compare.js';
import { hookScenes, type HookScene } from './scene.js';
import { ourTrace } from './trace.js';

/** How PyTorch and ours run programs. */
export interface Contestants {
  readonly pytorch: (scenes: readonly HookScene[]) => Promise<readonly PyTorchAnswer[]>;
  /** In float64; default `ourTrace`. Tests inject faults here. */
  readonly ours?: (scene: HookScene) => Promise<Stages>;
}

export type HookDisagreement = SceneDisagreement<HookScene>;
/** `counts.stages`: the stages that were compared. */
export type HookFuzzResult = FuzzResult<HookScene>;

export function fuzzHooks(contestants: Contestants, options: FuzzOptions): Promise<HookFuzzResult> {
  return fuzzScenes(fuzzedBy(contestants), options);
}

/** Repeats the scene of a seed and a path. */
export function replayHooks(contestants: Contestants, seed: number, path: string): Promise<HookFuzzResult> {
  return replayScene(fuzzedBy(contestants), seed, path);
}

function fuzzedBy(contestants: Contestants): Fuzzed<HookScene> {
  return { scenes: hookScenes, judge: (scenes, signal) => judge(contestants, scenes, signal), block: 50 };
}

/** PyTorch's process computes its traces while we compute ours. */
async function judge(
  { pytorch, ours = ourTrace }: Contestants,
  scenes: readonly HookScene[],
  signal?: AbortSignal,
): Promise<Judged[]> {
  const asked = pytorch(scenes);
  asked.catch(() => undefined); // it is awaited below, unless the run is interrupted before
  const mine: (Stages | Error)[] = [];
  for (const scene of scenes) {
    await setImmediate(); // signals arrive between two turns of the event loop
    signal?.throwIfAborted();
    mine.push(await ours(scene).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))));
  }
  const theirs = await asked;
  return scenes.map((_, i) => judged(mine[i]!, theirs[i]!));
}

function judged(mine: Stages | Error, theirs: PyTorchAnswer): Judged {
  if ('error' in theirs) return { difference: `PyTorch gave no trace: ${theirs.error}`, counts: {} };
  if (mine instanceof Error)
    return {
      difference: `ours gave no trace: ${(mine.stack ?? mine.message).split('\n').slice(0, 8).join('\n  ')}`,
      counts: {},
    };
  const { stages } = theirs;
  return { difference: compareTraces(mine, stages), counts: { stages: Object.keys(stages).length } };
}
