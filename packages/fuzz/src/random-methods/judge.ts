/**
 * Whether engines agree about a scene. PyTorch's and our own float64 must give the same numbers. A backend in float32
 * must give those of float64 with the backend's own decisions at switch points, as far as the rounding of weights and
 * pixels alone would move them.
 */
import { maxSwitchPointDistance, type HostTensor, type Stages } from '@touchstone/contract';
import { Disagreement, expectClose } from '@touchstone/laws';
import type { Judged } from '../fuzz-scenes.js';
import type { PyTorchAnswer } from '../live-pytorch.js';
import { Refusal, type Engine } from './engine.js';
import { flipsOf, pixelChanges, roundingOf } from './rounding.js';
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
  /** PyTorch and our float64 differ by their own rounding, at a switch point or where terms cancel. */
  | 'float64'
  /** All engines refuse it. */
  | 'refused';

const agreed = (decision: Decision): Judged => ({ difference: null, counts: { [decision]: 1 } });
const differs = (difference: string): Judged => ({ difference, counts: {} });

/** Relative to the largest value of a stage. */
const tolerance = { float32: 128 * 2 ** -24, float64: 1e-9 };
/** The allowed multiple of what rounding changes. */
const allowedMultiple = 16;
/** A stage of which rounding in float32 changes more than this share says nothing in float64 either. */
const lost = 0.01;
/** float64's unit roundoff ÷ float32's. */
const finer = 2 ** -29;

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
  const squares = await squaresOf(scene, float64);
  const difference = theirs ? differenceOf(exact, theirs, { relative: tolerance.float64, squares }) : null;
  if (difference !== null) {
    if (!(await float64Decides(scene, float64, { exact, theirs: theirs!, squares, difference })))
      return differs(`float64 differs from PyTorch: ${difference.message}`);
    decision = 'float64';
  }
  if (tested === float64) return agreed(decision);
  const found = await judgeBackend(scene, engines, { got, exact, squares });
  if (found instanceof Disagreement) return differs(found.message);
  return agreed(found === 'close' ? decision : found);
}

/** Agreed if all refuse the scene, ours by a decision: a crash, a time limit or a leak is none. */
function refusal(answers: Readonly<Record<string, Stages | Error>>): Judged {
  const errors = Object.entries(answers).flatMap(([name, answer]) =>
    answer instanceof Error ? [{ name, error: answer }] : [],
  );
  const isDecided = errors.every(({ name, error }) => name === 'PyTorch' || error instanceof Refusal);
  if (errors.length === Object.keys(answers).length && isDecided) return agreed('refused');
  return differs(errors.map(({ name, error }) => `${name} has no answer: ${error.message}`).join('\n'));
}

function errorOr(answer: PyTorchAnswer): Stages | Error {
  return 'error' in answer ? new Error(answer.error) : answer.stages;
}

async function judgeBackend(
  scene: MethodScene,
  { tested, float64 }: Engines,
  { got, exact, squares }: { got: Stages; exact: Stages; squares: number },
): Promise<Decision | Disagreement> {
  const bounds = { relative: tolerance.float32, squares };
  const difference = differenceOf(got, exact, bounds);
  if (difference === null) return 'close';
  const points = await tested.switchPoints(scene);
  const forced = await float64.replay(scene, points);
  const { flipped, furthest } = forced.difference;
  const isNear = furthest <= maxSwitchPointDistance || furthest <= allowedMultiple * (await flipsOf(scene, float64));
  const left = differenceOf(got, forced.stages, bounds);
  if (isNear && left === null) return 'switchPoints';
  const changes = await roundingOf(scene, float64, points);
  const allowed = mapValues(changes, (change) => allowedMultiple * change);
  const beyond = differenceOf(got, forced.stages, { ...bounds, allowed });
  if (isNear && beyond === null) return 'rounding';
  const units = `${flipped} units on the other side of a switch point, ${furthest.toExponential(1)} away at most`;
  return new Disagreement(
    `${tested.name} differs from float64: ${difference.message}\n` +
      `with the backend's decisions (${units}): ${beyond?.message ?? 'the same'}`,
  );
}

interface Float64Difference {
  readonly exact: Stages;
  readonly theirs: Stages;
  readonly squares: number;
  readonly difference: Disagreement;
}

/**
 * Whether PyTorch and our float64 differ by their own rounding only: at a switch point, or where terms cancel. A stage
 * that is divided by what then is left, such as a normalised map, may be anything.
 */
async function float64Decides(
  scene: MethodScene,
  float64: Engine,
  { exact, theirs, squares, difference }: Float64Difference,
): Promise<boolean> {
  if (difference.distance === Infinity) return false; // another stage or shape, or NaN
  const bounds = { relative: tolerance.float64, squares };
  if (!scene.exact) {
    const moved = mapValues(await pixelChanges(scene, float64, exact), (change) => change / lost);
    if (differenceOf(exact, theirs, { ...bounds, allowed: moved }) === null) return true;
  }
  const changes = await roundingOf(scene, float64, await float64.switchPoints(scene));
  const isLost = (stage: string, change: number): boolean => change > lost * largest(theirs[stage]!);
  const allowed = mapValues(changes, (change, stage) =>
    isLost(stage, change) ? change / lost : allowedMultiple * finer * change,
  );
  return differenceOf(exact, theirs, { ...bounds, allowed }) === null;
}

/** The largest mean square that a variance is what is left of: its rounding is relative to that. Else 0. */
async function squaresOf(scene: MethodScene, float64: Engine): Promise<number> {
  if (scene.params['average'] !== 'variance') return 0;
  const params = { ...scene.params, average: 'mean-of-squares' };
  const stages = await float64.explain({ ...scene, params });
  return stages instanceof Error ? 0 : largest(stages['average']!);
}

interface Bounds {
  /** To the largest value of a stage. */
  readonly relative: number;
  readonly squares: number;
  /** Stage → distance that is allowed in addition. */
  readonly allowed?: Readonly<Record<string, number>>;
}

function differenceOf(got: Stages, expected: Stages, { relative, squares, allowed = {} }: Bounds): Disagreement | null {
  const [names, expectedNames] = [Object.keys(got), Object.keys(expected)];
  if (names.join() !== expectedNames.join())
    return new Disagreement(`the stages are ${names.join(', ')}, expected ${expectedNames.join(', ')}`);
  const { average } = expected;
  const isOnlyRounding = squares > 0 && average !== undefined && largest(average) <= relative * squares;
  for (const [name, tensor] of Object.entries(expected)) {
    // A display adds ½, and may be zero all over after that.
    const size = Math.max(largest(got[name]!), largest(tensor), sizeOf(name, squares, isOnlyRounding));
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

/**
 * What the stage is compared relative to, at least.
 *
 * @param isOnlyRounding of a variance: divided by its own size, it may be any number
 */
function sizeOf(stage: string, squares: number, isOnlyRounding: boolean): number {
  if (stage === 'display') return isOnlyRounding ? Number.MAX_VALUE : 1;
  return stage === 'average' || stage === 'attribution' ? squares : 0;
}

/** Of the finite values. */
function largest({ data }: HostTensor): number {
  let most = 0;
  for (const value of data) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

function mapValues<V>(values: Readonly<Record<string, V>>, f: (value: V, name: string) => V): Record<string, V> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, f(value, name)]));
}
