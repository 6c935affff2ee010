/**
 * Whether engines agree about a scene. PyTorch's and our own float64 must give the same numbers. A backend in float32
 * must give those of float64 with the backend's own decisions at switch points, as far as the rounding of weights and
 * pixels alone would move them.
 */
import { maxSwitchPointDistance, Random, type HostTensor, type Stages } from '@touchstone/contract';
import { Disagreement, expectClose } from '@touchstone/laws';
import type { SwitchPoints } from '@touchstone/methods';
import type { Judged } from '../fuzz-scenes.js';
import type { PyTorchAnswer } from '../live-pytorch.js';
import { TensorLeak, type Engine } from './engine.js';
import type { MethodScene } from './scene.js';

export interface Engines {
  /** The backend that is tested; `float64` itself: only against PyTorch. */
  readonly tested: Engine;
  readonly float64: Engine;
}

/** How a scene was decided; each is counted. */
export type Decision =
  /** Within 128 unit roundoffs of the largest value of each stage. */
  | 'close'
  /** So, with the backend's decisions at its switch points. */
  | 'switchPoints'
  /** Within what a rounding of every weight and pixel changes. */
  | 'rounding'
  /** Units within float64's own rounding of a switch point: PyTorch and our float64 differ there. */
  | 'float64'
  /** All engines refuse it. */
  | 'refused';

const agreed = (decision: Decision): Judged => ({ difference: null, counts: { [decision]: 1 } });
const differs = (difference: string): Judged => ({ difference, counts: {} });

/** Relative to the largest value of a stage. */
const tolerance = { float32: 128 * 2 ** -24, float64: 1e-9 };
/** Random roundings that are tried, and the multiple of what the worst of them changes that is allowed. */
const [trials, allowedMultiple] = [6, 16];

export interface OwnAnswers {
  readonly tested: Stages | Error;
  readonly float64: Stages | Error;
}

export async function ownAnswers(scene: MethodScene, { tested, float64 }: Engines): Promise<OwnAnswers> {
  const [got, exact] = await Promise.all([tested.explain(scene), tested === float64 ? null : float64.explain(scene)]);
  return { tested: got, float64: exact ?? got };
}

/** @param pytorch undefined: there is none */
export async function judgeScene(
  scene: MethodScene,
  engines: Engines,
  { tested: got, float64: exact }: OwnAnswers,
  pytorch: PyTorchAnswer | undefined,
): Promise<Judged> {
  const { tested, float64 } = engines;
  const theirs = pytorch && errorOr(pytorch);
  if (got instanceof Error || exact instanceof Error || theirs instanceof Error)
    return refusal({ [tested.name]: got, float64: exact, ...(theirs && { PyTorch: theirs }) });
  let decision: Decision = 'close';
  const difference = theirs ? differenceOf(exact, theirs, tolerance.float64) : null;
  if (difference !== null) {
    if (scene.exact || !(await float64Decides(scene, float64, exact, difference)))
      return differs(`float64 differs from PyTorch: ${difference.message}`);
    decision = 'float64';
  }
  if (tested === float64) return agreed(decision);
  const found = await judgeBackend(scene, engines, got, exact);
  if (found instanceof Disagreement) return differs(found.message);
  return agreed(found === 'close' ? decision : found);
}

/** Agreed if all refuse the scene, and none leaves tensors behind. */
function refusal(answers: Readonly<Record<string, Stages | Error>>): Judged {
  const errors = Object.entries(answers).flatMap(([name, answer]) =>
    answer instanceof Error ? [{ name, error: answer }] : [],
  );
  const leaks = errors.some(({ error }) => error instanceof TensorLeak);
  if (errors.length === Object.keys(answers).length && !leaks) return agreed('refused');
  return differs(errors.map(({ name, error }) => `${name} has no answer: ${error.message}`).join('\n'));
}

function errorOr(answer: PyTorchAnswer): Stages | Error {
  return 'error' in answer ? new Error(answer.error) : answer.stages;
}

async function judgeBackend(
  scene: MethodScene,
  { tested, float64 }: Engines,
  got: Stages,
  exact: Stages,
): Promise<Decision | Disagreement> {
  const difference = differenceOf(got, exact, tolerance.float32);
  if (difference === null) return 'close';
  const points = await tested.switchPoints(scene);
  const forced = await float64.replay(scene, points);
  const left = differenceOf(got, forced.stages, tolerance.float32);
  const { flipped, furthest } = forced.difference;
  if (left === null && furthest <= maxSwitchPointDistance) return 'switchPoints';
  const allowed = await roundingOf(scene, float64, points, forced.stages);
  const beyond = differenceOf(got, forced.stages, tolerance.float32, allowed);
  if (beyond === null) return left === null ? 'switchPoints' : 'rounding';
  const units = `${flipped} units on the other side of a switch point, ${furthest.toExponential(1)} away at most`;
  return new Disagreement(
    `${tested.name} differs from float64: ${difference.message}\n` +
      `with the backend's decisions (${units}): ${beyond.message}`,
  );
}

/** @param allowed stage → distance that is allowed in addition */
function differenceOf(
  got: Stages,
  expected: Stages,
  relative: number,
  allowed: Readonly<Record<string, number>> = {},
): Disagreement | null {
  const [names, expectedNames] = [Object.keys(got), Object.keys(expected)];
  if (names.join() !== expectedNames.join())
    return new Disagreement(`the stages are ${names.join(', ')}, expected ${expectedNames.join(', ')}`);
  for (const [name, tensor] of Object.entries(expected)) {
    // A display adds ½, and may be zero all over after that.
    const size = Math.max(largest(got[name]!), largest(tensor), name === 'display' ? 1 : 0);
    // `expectClose` multiplies by its tolerance.
    const scale = size + (allowed[name] ?? 0) / relative;
    try {
      expectClose(`stage "${name}"`, got[name]!, tensor, relative, scale);
    } catch (error) {
      if (error instanceof Disagreement) return error;
      throw error;
    }
  }
  return null;
}

function largest({ data }: HostTensor): number {
  let most = 0;
  for (const value of data) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

/** Stage → what rounding every weight and pixel once more changes in float64, with the same decisions. */
async function roundingOf(
  scene: MethodScene,
  float64: Engine,
  points: SwitchPoints,
  forced: Stages,
): Promise<Record<string, number>> {
  const changes: Record<string, number> = {};
  for (let trial = 0; trial < trials; trial++) {
    const { stages } = await float64.replay(rounded(scene, trial), points);
    for (const [name, tensor] of Object.entries(stages))
      changes[name] = Math.max(changes[name] ?? 0, allowedMultiple * distance(tensor, forced[name]!));
  }
  return changes;
}

/** Whether pixels that change by less than float32 can say change the answer by as much as it is off. */
async function float64Decides(
  scene: MethodScene,
  float64: Engine,
  own: Stages,
  { distance: off }: Disagreement,
): Promise<boolean> {
  for (let trial = 0; trial < trials; trial++) {
    const random = new Random(trial, 'pixels');
    const x = mapped(scene.x, (value) => value * (1 + (random.uniform() - 0.5) * 2 ** -44));
    const stages = await float64.explain({ ...scene, x });
    if (stages instanceof Error) return false;
    for (const [name, tensor] of Object.entries(stages)) if (distance(tensor, own[name]!) > off / 100) return true;
  }
  return false;
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
