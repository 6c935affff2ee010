/** Draws random scenes until one is a disagreement, which is then shrunk, or there are enough. */
import { TouchstoneError } from '@touchstone/contract';
import fc from 'fast-check';

/** A scene that was judged. */
export interface Judged {
  /** What differs; null: nothing. */
  readonly difference: string | null;
  /** What is counted over all scenes, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Fuzzed<S> {
  readonly scenes: fc.Arbitrary<S>;
  /** In their order. */
  readonly judge: (scenes: readonly S[], signal?: AbortSignal) => Promise<readonly Judged[]>;
  /** Scenes that are judged together. */
  readonly block: number;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** @param counts so far */
  readonly onProgress?: (done: number, counts: Judged['counts']) => void;
  /** Before a disagreement is shrunk. */
  readonly onShrink?: (done: number) => void;
  /** Time limit for shrinking a disagreement. */
  readonly shrinkMilliseconds?: number;
}

export interface SceneDisagreement<S> {
  readonly scene: S;
  readonly difference: string;
  /** `replayScene` with these repeats the scene. */
  readonly seed: number;
  readonly path: string;
  readonly shrinks: number;
}

export interface FuzzResult<S> {
  /** Scenes that were judged, without those of shrinking. */
  readonly scenes: number;
  readonly counts: Judged['counts'];
  readonly disagreement: SceneDisagreement<S> | null;
}

/** Seeds begin again at 0 after these. */
const seeds = 2 ** 31;

/** Block b is drawn with seed + b. */
export async function fuzzScenes<S>(
  fuzzed: Fuzzed<S>,
  { runs, seed, signal, onProgress, onShrink, shrinkMilliseconds = 120_000 }: FuzzOptions,
): Promise<FuzzResult<S>> {
  const { scenes, judge, block } = fuzzed;
  const counts: Record<string, number> = {};
  let judged = 0;
  while (judged < runs) {
    signal?.throwIfAborted();
    const blockSeed = (seed + judged / block) % seeds;
    const drawn = fc.sample(scenes, { seed: blockSeed, numRuns: Math.min(block, runs - judged) });
    for (const [i, { difference, counts: its }] of (await judge(drawn, signal)).entries()) {
      judged++;
      for (const [name, count] of Object.entries(its)) counts[name] = (counts[name] ?? 0) + count;
      if (difference === null) continue;
      onShrink?.(judged);
      const at = { seed: blockSeed, path: String(i), milliseconds: shrinkMilliseconds, signal };
      return { scenes: judged, counts, disagreement: await shrink(fuzzed, difference, at) };
    }
    onProgress?.(judged, counts);
  }
  return { scenes: judged, counts, disagreement: null };
}

/** Repeats the scene of a seed and a path. */
export async function replayScene<S>(
  { scenes, judge }: Fuzzed<S>,
  seed: number,
  path: string,
  signal?: AbortSignal,
): Promise<FuzzResult<S>> {
  const [scene] = fc.sample(scenes, { seed, path, numRuns: 1 });
  if (scene === undefined)
    throw new TouchstoneError('usage', `seed ${seed} has nothing at path ${path}`, 'Give both as the report says.');
  const [{ difference, counts }] = (await judge([scene], signal)) as [Judged];
  return {
    scenes: 1,
    counts,
    disagreement: difference === null ? null : { scene, difference, seed, path, shrinks: 0 },
  };
}

interface ShrinkOptions {
  readonly seed: number;
  readonly path: string;
  readonly milliseconds: number;
  readonly signal: AbortSignal | undefined;
}

async function shrink<S>(
  { scenes, judge }: Fuzzed<S>,
  found: string,
  { seed, path, milliseconds, signal }: ShrinkOptions,
): Promise<SceneDisagreement<S>> {
  const property = fc.asyncProperty(scenes, async (scene) => {
    if (signal?.aborted) return;
    const [{ difference }] = (await judge([scene], signal)) as [Judged];
    if (difference !== null) throw new Error(difference);
  });
  const { counterexample, counterexamplePath, errorInstance, interrupted, numShrinks } = await fc.check(property, {
    seed,
    path,
    numRuns: 1,
    interruptAfterTimeLimit: milliseconds,
  });
  signal?.throwIfAborted();
  const scene = counterexample?.[0] ?? fc.sample(scenes, { seed, path, numRuns: 1 })[0]!;
  const unrepeated = 'seen once, but not in a second run: one of the two is not deterministic';
  const difference = errorInstance instanceof Error ? errorInstance.message : interrupted ? found : unrepeated;
  return { scene, difference, seed, path: counterexamplePath ?? path, shrinks: numShrinks };
}
