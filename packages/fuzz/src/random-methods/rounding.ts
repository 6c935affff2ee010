/** How much of an answer rounding decides, measured by moving weights and pixels. */
import { Random, type HostTensor, type Stages } from '@touchstone/contract';
import type { SwitchPoints } from '@touchstone/methods';
import type { Engine } from './engine.js';
import type { MethodScene } from './scene.js';

/** Random roundings that are tried. */
const trials = 6;

/** Stage → what rounding every weight and pixel once more changes in float64, with the same decisions. */
export async function roundingOf(
  scene: MethodScene,
  float64: Engine,
  points: SwitchPoints,
): Promise<Record<string, number>> {
  const forced = (await float64.replay(scene, points)).stages;
  const changes: Record<string, number> = {};
  for (let trial = 0; trial < trials; trial++) {
    const { stages } = await float64.replay(rounded(scene, trial), points);
    for (const [name, tensor] of Object.entries(stages))
      changes[name] = Math.max(changes[name] ?? 0, distance(tensor, forced[name]!));
  }
  return changes;
}

/** How far from their switch points the units are, at most, that rounding every weight and pixel once more flips. */
export async function flipsOf(scene: MethodScene, float64: Engine): Promise<number> {
  let most = 0;
  for (let trial = 0; trial < trials; trial++) {
    const points = await float64.switchPoints(rounded(scene, trial));
    most = Math.max(most, (await float64.replay(scene, points)).difference.furthest);
  }
  return most;
}

/** Stage → what pixels that change by less than float32 can say change; nothing where they are refused. */
export async function pixelChanges(scene: MethodScene, float64: Engine, own: Stages): Promise<Record<string, number>> {
  const changes: Record<string, number> = {};
  for (let trial = 0; trial < trials; trial++) {
    const random = new Random(trial, 'pixels');
    const x = mapped(scene.x, (value) => value * (1 + (random.uniform() - 0.5) * 2 ** -44));
    const stages = await float64.explain({ ...scene, x });
    if (stages instanceof Error) return {};
    for (const [name, tensor] of Object.entries(stages))
      changes[name] = Math.max(changes[name] ?? 0, distance(tensor, own[name]!));
  }
  return changes;
}

/** Every weight and pixel moves by two units in its last place at most, or stays. */
function rounded(scene: MethodScene, trial: number): MethodScene {
  const move = (tensor: HostTensor, stream: string): HostTensor => {
    const random = new Random(trial, stream);
    return mapped(tensor, (value) => Math.fround(value * (1 + random.integer(-1, 1) * 2 ** -23)));
  };
  const weights = Object.entries(scene.weights).map(([name, tensor]) => [name, asFloat32(move(tensor, name))]);
  return { ...scene, x: move(scene.x, 'x'), weights: Object.fromEntries(weights) as MethodScene['weights'] };
}

function mapped({ shape, data }: HostTensor, f: (value: number) => number): HostTensor {
  return { shape, data: Float64Array.from(data, f) };
}

function asFloat32({ shape, data }: HostTensor): HostTensor {
  return { shape, data: Float32Array.from(data) };
}

function distance(a: HostTensor, b: HostTensor): number {
  let most = 0;
  for (let i = 0; i < a.data.length; i++) most = Math.max(most, Math.abs(a.data[i]! - b.data[i]!));
  return most;
}
