/** Engines that are tables: each decision, and each kind of disagreement. */
import { compareTensors, type HostTensor, type Stages } from '@touchstone/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal, type Engine } from './engine.js';
import { judgeScene, ownAnswers } from './judge.js';
import { methodScenes, type MethodScene } from './scene.js';

const [drawn] = fc.sample(methodScenes, { seed: 1, numRuns: 1 });
const rough: MethodScene = { ...drawn!, exact: false };
const one = (value: number): Stages => ({ attribution: { shape: [2], data: Float64Array.of(1, value) } });
/** What terms that cancel leave. */
const left = (value: number): Stages => ({ attribution: { shape: [1], data: Float64Array.of(value) } });
const noPoints = { relus: [], pools: [] };
const near = { flipped: 1, furthest: 1e-7 };

interface Answers {
  readonly answer: Stages | Error;
  /** Under the other's decisions; `moved`: where the scene is not the first, but a rounding of it. */
  readonly forced?: Stages;
  readonly moved?: Stages;
  /** The same, with the decisions of the first; left out: `moved`. */
  readonly kept?: Stages;
  readonly furthest?: number;
  /** The same of the units that rounding flips. */
  readonly flips?: number;
}

const roundedPoints = { relus: [], pools: [] };

function engine(
  name: string,
  { answer, forced, moved, kept = moved, furthest = near.furthest, flips = near.furthest }: Answers,
  scene: MethodScene,
): Engine {
  return {
    name,
    explain: async (asked) => (asked === scene || moved === undefined ? answer : moved),
    switchPoints: async (asked) => (asked === scene ? noPoints : roundedPoints),
    replay: async (asked, points) => ({
      stages: asked === scene || kept === undefined ? (forced ?? (answer as Stages)) : kept,
      difference: { flipped: 1, furthest: points === roundedPoints ? flips : furthest },
    }),
  };
}

const right = one(0.5);
const wrong = one(0.6);
const refuses = new Refusal('no layer gives a map');

interface Row {
  readonly name: string;
  readonly tested: Stages | Error;
  readonly float64: Answers;
  readonly pytorch?: Stages | string;
  readonly exact?: boolean;
  readonly verdict: string | RegExp;
}

test.each<Row>([
  { name: 'the same numbers', tested: one(0.5 + 1e-7), float64: { answer: right }, pytorch: right, verdict: 'close' },
  { name: 'no PyTorch', tested: right, float64: { answer: right }, verdict: 'close' },
  {
    name: 'a unit on its other side',
    tested: wrong,
    float64: { answer: right, forced: wrong, moved: wrong },
    verdict: 'switchPoints',
  },
  {
    name: 'a unit on its other side, far from the switch point',
    tested: wrong,
    float64: { answer: right, forced: wrong, moved: wrong, furthest: 1e-2 },
    verdict: /1 units on the other side of a switch point, 1\.0e-2 away at most\): the same$/,
  },
  {
    name: 'a unit on its other side, as far as rounding moves it',
    tested: wrong,
    float64: { answer: right, forced: wrong, moved: wrong, furthest: 1e-2, flips: 1e-3 },
    verdict: 'switchPoints',
  },
  {
    name: 'terms that cancel',
    tested: wrong,
    float64: { answer: right, forced: right, moved: one(0.51) },
    verdict: 'rounding',
  },
  {
    name: 'more than rounding',
    tested: wrong,
    float64: { answer: right, forced: right, moved: one(0.5 + 1e-6) },
    verdict: /^wasm differs from float64: stage "attribution": 1 of 2 values differ.*\nwith the backend's decisions/,
  },
  {
    name: 'another stage',
    tested: { other: right['attribution']! },
    float64: { answer: right, forced: right, moved: right },
    verdict: /the stages are other, expected attribution/,
  },
  {
    name: 'NaN',
    tested: one(NaN),
    float64: { answer: right, forced: right, moved: wrong },
    verdict: /wasm differs from float64/,
  },
  {
    name: 'another answer of PyTorch',
    tested: right,
    float64: { answer: right, moved: right },
    pytorch: wrong,
    verdict: /^float64 differs from PyTorch: stage "attribution"/,
  },
  {
    name: 'a switch point within rounding of float64',
    tested: right,
    float64: { answer: right, moved: wrong },
    pytorch: wrong,
    verdict: 'float64',
  },
  {
    name: 'a tie, where float64 does not round',
    exact: true,
    tested: right,
    float64: { answer: right, moved: wrong, kept: right },
    pytorch: wrong,
    verdict: /^float64 differs from PyTorch/,
  },
  {
    name: 'terms that cancel in float64',
    exact: true,
    tested: left(0),
    float64: { answer: left(0), moved: left(1e-8) },
    pytorch: left(1e-18),
    verdict: 'float64',
  },
  { name: 'all refuse', tested: refuses, float64: { answer: refuses }, pytorch: 'StopIteration', verdict: 'refused' },
  {
    name: 'ours refuse',
    tested: refuses,
    float64: { answer: refuses },
    pytorch: right,
    verdict: 'wasm has no answer: no layer gives a map\nfloat64 has no answer: no layer gives a map',
  },
  {
    name: 'PyTorch refuses',
    tested: right,
    float64: { answer: right },
    pytorch: 'StopIteration',
    verdict: 'PyTorch has no answer: StopIteration',
  },
  {
    name: 'all end with an error, one by a crash',
    tested: new Error('the child process ended'),
    float64: { answer: refuses },
    pytorch: 'StopIteration',
    verdict: /^wasm has no answer: the child process ended\n/,
  },
  {
    name: '∞',
    tested: one(Infinity),
    float64: { answer: right, forced: right, moved: wrong },
    verdict: /^wasm differs from float64/,
  },
  {
    name: 'pixels that move another stage',
    tested: { logits: one(1e9)['attribution']!, ...right },
    float64: {
      answer: { logits: one(1e9)['attribution']!, ...right },
      moved: { logits: one(1e9 + 1)['attribution']!, ...right },
      kept: { logits: one(1e9)['attribution']!, ...right },
    },
    pytorch: { logits: one(1e9)['attribution']!, ...one(0.5005) },
    verdict: /^float64 differs from PyTorch: stage "attribution"/,
  },
  {
    name: 'a leak',
    tested: new Error('2 tensors were left behind'),
    float64: { answer: refuses },
    verdict: /2 tensors were left behind/,
  },
])('$name', async ({ tested, float64, pytorch, exact = false, verdict }) => {
  const scene = { ...rough, exact };
  const engines = { tested: engine('wasm', { answer: tested }, scene), float64: engine('float64', float64, scene) };
  const theirs = typeof pytorch === 'string' ? { error: pytorch } : pytorch && { stages: pytorch };
  const judged = await judgeScene(scene, engines, await ownAnswers(scene, engines), theirs);
  const [decision] = Object.keys(judged.counts);
  expect(judged.difference ?? decision).toEqual(verdict instanceof RegExp ? expect.stringMatching(verdict) : verdict);
});

test.each([
  { name: 'of squares of 1 is rounding', squares: 1, verdict: { difference: null, counts: { close: 1 } } },
  { name: 'of smaller squares is not', squares: 1e-12, verdict: { counts: {} } },
])('a variance of 1e-14 $name', async ({ squares, verdict }) => {
  const scene = { ...rough, method: 'smooth-grad', params: { ...rough.params, average: 'variance' } };
  const stages = (value: number, display: number): Stages => ({
    average: { shape: [1], data: Float64Array.of(value) },
    display: { shape: [1], data: Float64Array.of(display) },
    attribution: { shape: [1], data: Float64Array.of(value) },
  });
  const float64 = engine('float64', { answer: stages(1e-14, 1), moved: stages(squares, 1) }, scene);
  const engines = { tested: float64, float64 };
  const answers = { tested: stages(1e-14, 1), float64: stages(1e-14, 1) };
  expect(await judgeScene(scene, engines, answers, { stages: stages(0, 0.5) })).toMatchObject(verdict);
  const holdsNaN = await judgeScene(scene, engines, answers, { stages: stages(0, NaN) });
  expect(holdsNaN.difference).toMatch(/^float64 differs from PyTorch/);
});

test('float64 itself is compared with PyTorch only', async () => {
  const float64 = engine('float64', { answer: right }, rough);
  const engines = { tested: float64, float64 };
  const judged = await judgeScene(rough, engines, await ownAnswers(rough, engines), { stages: right });
  expect(judged).toEqual({ difference: null, counts: { close: 1 } });
});

test('a rounding moves every weight and pixel by two units in its last place at most', async () => {
  const seen: MethodScene[] = [];
  const float64: Engine = {
    ...engine('float64', { answer: right, forced: right }, rough),
    replay: async (asked) => (seen.push(asked), { stages: right, difference: near }),
  };
  const engines = { tested: engine('wasm', { answer: wrong }, rough), float64 };
  await judgeScene(rough, engines, await ownAnswers(rough, engines), undefined);
  const tensorsOf = ({ x, weights }: MethodScene): HostTensor[] => [x, ...Object.values(weights)];
  const [first, ...roundings] = seen;
  expect(first).toBe(rough);
  expect(roundings.length).toBeGreaterThan(3);
  for (const rounding of roundings)
    for (const [i, tensor] of tensorsOf(rounding).entries()) {
      expect(compareTensors(tensor, tensorsOf(rough)[i]!).eMax).toBeLessThanOrEqual(2 ** -22);
      expect([...tensor.data]).toEqual([...Float32Array.from(tensor.data)]);
    }
});
