/** Runs new random programs on PyTorch and on ours at the same time, until they disagree or there are enough. */
import { setImmediate } from 'node:timers/promises';
import type { Stages } from '@touchstone/contract';
import fc from 'fast-check';
import { compareTraces } from './compare.js';
import type { PyTorchTrace } from './live.js';
import { hookScenes, type HookScene } from './scene.js';
import { ourTrace } from './trace.js';

/** How PyTorch and ours run programs. */
export interface Contestants {
  readonly pytorch: (scenes: readonly HookScene[]) => Promise<readonly PyTorchTrace[]>;
  /** In float64; default `ourTrace`. Tests inject faults here. */
  readonly ours?: (scene: HookScene) => Promise<Stages>;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, doing: string) => void;
  /** Time limit for shrinking a disagreement. */
  readonly shrinkMilliseconds?: number;
}

export interface HookDisagreement {
  readonly scene: HookScene;
  /** The first difference of the traces. */
  readonly difference: string;
  /** `replayHooks` with these repeats the scene. */
  readonly seed: number;
  readonly path: string;
  readonly shrinks: number;
}

export interface FuzzResult {
  /** Programs that both ran, without those of shrinking. */
  readonly programs: number;
  /** Stages compared in them. */
  readonly stages: number;
  readonly disagreement: HookDisagreement | null;
}

/** Block b is drawn with seed + b. */
const block = 50;

export async function fuzzHooks(
  contestants: Contestants,
  { runs, seed, signal, onProgress, shrinkMilliseconds = 120_000 }: FuzzOptions,
): Promise<FuzzResult> {
  let [programs, stages] = [0, 0];
  while (programs < runs) {
    signal?.throwIfAborted();
    const blockSeed = (seed + programs / block) | 0;
    const scenes = fc.sample(hookScenes, { seed: blockSeed, numRuns: Math.min(block, runs - programs) });
    for (const [i, { difference, compared }] of (await differences(contestants, scenes, signal)).entries()) {
      programs++;
      stages += compared;
      if (difference === null) continue;
      onProgress?.(programs, 'shrinking a disagreement');
      return {
        programs,
        stages,
        disagreement: await shrink(contestants, {
          seed: blockSeed,
          path: String(i),
          milliseconds: shrinkMilliseconds,
          signal,
        }),
      };
    }
    onProgress?.(programs, `${stages} stages agree`);
  }
  return { programs, stages, disagreement: null };
}

/** Repeats the scene of a seed and a path. */
export async function replayHooks(contestants: Contestants, seed: number, path: string): Promise<FuzzResult> {
  const scene = fc.sample(hookScenes, { seed, path, numRuns: 1 })[0]!;
  const [{ difference, compared }] = (await differences(contestants, [scene])) as [Difference];
  return {
    programs: 1,
    stages: compared,
    disagreement: difference === null ? null : { scene, difference, seed, path, shrinks: 0 },
  };
}

interface Difference {
  readonly difference: string | null;
  readonly compared: number;
}

/** PyTorch's process computes its traces while we compute ours. */
async function differences(
  { pytorch, ours = ourTrace }: Contestants,
  scenes: readonly HookScene[],
  signal?: AbortSignal,
): Promise<Difference[]> {
  const asked = pytorch(scenes);
  asked.catch(() => undefined); // it is awaited below, unless the run is interrupted before
  const mine: (Stages | Error)[] = [];
  for (const scene of scenes) {
    await setImmediate(); // signals arrive between two turns of the event loop
    signal?.throwIfAborted();
    mine.push(await ours(scene).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))));
  }
  const theirs = await asked;
  return scenes.map((_, i) => differenceOf(mine[i]!, theirs[i]!));
}

function differenceOf(mine: Stages | Error, theirs: PyTorchTrace): Difference {
  if ('error' in theirs) return { difference: `PyTorch gave no trace: ${theirs.error}`, compared: 0 };
  if (mine instanceof Error)
    return {
      difference: `ours gave no trace: ${(mine.stack ?? mine.message).split('\n').slice(0, 8).join('\n  ')}`,
      compared: 0,
    };
  return { difference: compareTraces(mine, theirs.stages), compared: Object.keys(theirs.stages).length };
}

async function shrink(
  contestants: Contestants,
  {
    seed,
    path,
    milliseconds,
    signal,
  }: { seed: number; path: string; milliseconds: number; signal: AbortSignal | undefined },
): Promise<HookDisagreement> {
  const property = fc.asyncProperty(hookScenes, async (scene) => {
    if (signal?.aborted) return;
    const [{ difference }] = (await differences(contestants, [scene])) as [Difference];
    if (difference !== null) throw new Error(difference);
  });
  const { counterexample, counterexamplePath, errorInstance, numShrinks } = await fc.check(property, {
    seed,
    path,
    numRuns: 1,
    interruptAfterTimeLimit: milliseconds,
  });
  signal?.throwIfAborted();
  const scene = counterexample?.[0] ?? fc.sample(hookScenes, { seed, path, numRuns: 1 })[0]!;
  const difference =
    errorInstance instanceof Error
      ? errorInstance.message
      : 'seen once, but not in a second run: one of the two is not deterministic';
  return { scene, difference, seed, path: counterexamplePath ?? path, shrinks: numShrinks };
}
