import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { compareTensors, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import { loadNetwork, type Network } from '@touchstone/network';
import { transformer, transformerGrid, transformerWeights } from '@touchstone/network/testing';
import { beforeAll, expect, it } from 'vitest';
import { finishesOf } from './causes/finishes.js';
import { explain } from './core/explain.js';
import type { Method } from './core/method.js';
import { findMethod, methods, mutants } from './registry.js';
import { tensor, twoUnits } from './core/testing.js';
import { dividedByMaximum, normaliseBeforeResizing } from './mutants/remedies.js';
import { functionMutants } from './mutants/functions.js';
import { placeMutants } from './mutants/places.js';
import {
  attending,
  classMaps,
  depthwise,
  everyLayer,
  exactZeros,
  kernels,
  partialWindows,
  resized,
  skipAndLinears,
  ties,
} from './mutants/testing.js';
import { tokenMutants } from './mutants/tokens.js';

let network: Network;
/** Methods and faults that only show with another network. */
let networkOf: Record<string, Network>;
let layered: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  network = ties();
  layered = everyLayer();
  const maps = resized();
  const plane = twoUnits([2, 1, 1], [0.5, -1]);
  const reused = exactZeros();
  const dense = skipAndLinears();
  const [functions, classes] = [attending(), classMaps()];
  const tokens = loadNetwork(transformer(), transformerWeights());
  networkOf = {
    'relu-open-at-zero': reused,
    'divisor-ignored': reused,
    'ceil-mode-ignored': partialWindows(),
    'corners-aligned': maps,
    'upsampling-legacy-grid': maps,
    'padding-with-zeros': maps,
    'cam-first-call': reused,
    'guided-masks-in-forward-order': reused,
    'flatten-unpermuted': reused,
    'relu6-unbounded': dense,
    'relu6-mask-open-above': dense,
    'guided-features-only': dense,
    'deconv-features-only': dense,
    'deconv-functional-missed': dense,
    'guided-clamped-at-inputs': dense,
    'guided-functional-missed': dense,
    'depthwise-order': depthwise(),
    parameters: kernels(),
    'line-bias-sign': plane,
    'line-along-normal': plane,
    'region-upside-down': plane,
    ...Object.fromEntries(ofTokens.map((id) => [id, tokens])),
    ...Object.fromEntries(functionMutants.map(({ id }) => [id, functions])),
    ...Object.fromEntries(placeMutants.map(({ id }) => [id, id === 'first-head' ? network : classes])),
  };
});

/** Faults of reading tokens, and an image for the network that has some. */
const ofTokens = tokenMutants.map(({ id }) => id);
const patches = tensor(
  [2, 1, 4, 6],
  Array.from({ length: 48 }, (_, i) => Math.sin(i * i)),
);
const grid = { layer: 'blocks.1.norm1', tokens: { skip: 1, grid: transformerGrid } };

/** The faults of `mutants/` that the other networks do not show. */
const ofEveryLayer = new Set([
  'channels-bgr',
  'batch-norm-epsilon',
  'batch-norm-training',
  'max-pool-zero-padding',
  'max-pool-not-positive',
  'same-padding',
  'padding-not-counted',
  'padding-counted',
  'kernels-flipped',
  'kernels-transposed',
  'smooth-range-of-channels',
  'cam-min-max',
  'hires-min-max',
]);
/** A fault that changes less than the others: the largest distance that counts as none. */
const smallest: Record<string, number> = { 'weights-float16': 5e-5, 'weights-tf32': 5e-5, 'gelu-otherwise': 1e-4 };

/** Two images of two levels; the second has three times the contrast. */
const x = tensor(
  [2, 2, 8, 6],
  Array.from({ length: 192 }, (_, i) => (Math.sin(i * i) > 0 ? 1 : -0.5) * (i < 96 ? 1 : 3)),
);

const paramsOf: Record<string, object> = {
  saliency: { display: true },
  'smooth-grad': { samples: 4, display: true },
  deconv: { display: true },
  'guided-backprop': { display: true },
  'class-visualization': { steps: 4, rate: 5, decay: 0.01, jitter: 2, blurEvery: 3 },
  'filter-visualization': { layer: 'mix', size: 6, octaves: 2, steps: 4 },
  't-sne': { perplexity: 4, steps: 250 },
};
/** Faults that only show with other targets. */
const targetOf: Record<string, Target> = {
  'joint-softmax': {
    sum: [
      { head: 'left', expectation: '3·i−90' },
      { head: 'right', expectation: '2·i+1' },
    ],
  },
  'step-too-many': { class: [4, 3] },
  'display-by-magnitude': { weights: [1, 0, -2, 0, 0] },
  'cam-zero-by-zero': { weights: [0, 0, 0, 0, 0] },
  'pixel-ignored': { class: [0, 1], pixel: [3, 1] },
  'region-ignored': { class: [0, 1], region: [2, 1, 8, 3] },
  'region-end-included': { class: [0, 1], region: [2, 1, 8, 3] },
  'place-transposed': { class: [0, 1], region: [2, 1, 8, 3] },
  'logit-for-probability': { class: [0, 1], of: 'probability', pixel: [3, 1] },
  'first-head': { class: [0, 1], head: 'right' },
};
/** Two images, each with one bright pixel. */
const spikes = tensor(
  [2, 2, 8, 6],
  Array.from({ length: 192 }, (_, i) => (i % 48 === 20 ? 3 : -0.2)),
);
/** Twelve, all different. */
const many = tensor(
  [12, 2, 8, 6],
  Array.from({ length: 12 * 96 }, (_, i) => Math.sin(i * i)),
);
const waves = tensor(
  [2, 3, 8, 6],
  Array.from({ length: 288 }, (_, i) => Math.sin(i * i)),
);
const points = tensor([2, 2, 1, 1], [1, 0.5, -0.5, 0.2]);
const inputOf: Record<string, HostTensor> = {
  'smooth-range-of-channels': {
    ...waves,
    data: waves.data.map((value, i) => value * (1 + 2 * (Math.floor(i / 48) % 3))),
  },
  'display-unclipped': spikes,
  't-sne': many,
  'line-bias-sign': points,
  'line-along-normal': points,
  'region-upside-down': points,
  ...Object.fromEntries(ofTokens.map((id) => [id, patches])),
};
/** A layer where HiResCAM and Grad-CAM differ, and whose maps have both signs. */
const paramsFor = (method: string, mutant: string): object => ({
  ...(findMethod(method).declares.normalisedMap && { layer: 'mix' }),
  ...paramsOf[method],
  ...mutants.find(({ id }) => id === mutant)?.shows?.params,
  ...(mutant === 'last-convolution' && { layer: 'last' }),
  ...(ofTokens.includes(mutant) && grid),
  ...(method === 'smooth-grad' && mutant === 'relu-open-at-zero' && { fraction: 0 }), // noise moves values off zero
});
const request = (method: string, mutant: string) => ({
  network: ofEveryLayer.has(mutant) ? layered : (networkOf[mutant] ?? networkOf[method] ?? network),
  x: inputOf[mutant] ?? (ofEveryLayer.has(mutant) ? waves : (inputOf[method] ?? x)),
  target: targetOf[mutant] ?? { class: method === 't-sne' ? 0 : [0, 1] },
  params: paramsFor(method, mutant),
  fixtures: {},
  control: { comparedOnly: true },
});
/** A mutant and those of its methods that run with these parameters. */
const known = mutants
  .map((mutant) => ({
    mutant,
    of: methods.filter(({ id, params }) => mutant.of.includes(id) && params.safeParse(paramsOf[id] ?? {}).success),
  }))
  .filter(({ of }) => of.length > 0);
/**
 * Each mutant of one of its methods, of all in turn; `tools/harness/mutants.mjs` judges every mutant of every method.
 */
const pairs = known.map(({ mutant, of }, i) => ({ mutant, method: of[i % of.length]! }));

const answers = new Map<string, Promise<Stages>>();
/** Computed once where several mutants are compared with it. */
function rightAnswer(method: Method, asked: ReturnType<typeof request>): Promise<Stages> {
  const inputs = [network, layered, ...Object.values(networkOf), x, waves, ...Object.values(inputOf)] as unknown[];
  const key = JSON.stringify([
    method.id,
    inputs.indexOf(asked.network),
    inputs.indexOf(asked.x),
    asked.target,
    asked.params,
  ]);
  if (!answers.has(key))
    answers.set(
      key,
      explain(method, asked).then(({ stages }) => stages),
    );
  return answers.get(key)!;
}

/** A mutant must compute a different answer; one that throws would be rejected for the wrong reason. */
it.each(pairs)('$mutant.id of $method.id runs, and its answer differs', async ({ mutant, method }) => {
  const asked = request(method.id, mutant.id);
  const right = await rightAnswer(method, asked);
  const before = tf.memory().numTensors;
  const wrong = await mutant.explain(method, asked);
  expect(Object.keys(wrong)).toEqual(Object.keys(right));
  expect(differs(wrong, right, smallest[mutant.id] ?? 1e-3)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
});

it('every method has several mutants here', () => {
  const counts = methods.map(({ id }) => [id, pairs.filter(({ method }) => method.id === id).length] as const);
  expect(counts.filter(([id, count]) => count < 3 && id !== 'hooks')).toEqual([]);
});

function differs(wrong: Stages, right: Stages, least: number): boolean {
  return Object.entries(right).some(([name, stage]) => {
    const other = wrong[name]!;
    return (
      other.shape.join() !== stage.shape.join() ||
      other.data.some(Number.isNaN) ||
      compareTensors(other, stage).e2 > least
    );
  });
}

it.each(['Conv2d', 'BatchNorm2d', 'Linear', 'ReLU'])('a container may have the name %s', (type) => {
  const description = transformer();
  const { norm, ...modules } = description.modules;
  const renamed = { ...description, modules: { ...modules, norm: { ...norm!, type } } };
  const asked = { network: loadNetwork(renamed, transformerWeights()), x: patches, target: { class: 0 }, params: {} };
  for (const { applies } of mutants) applies?.({ ...asked, fixtures: {} });
});

it('ids are unique', () => {
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
});

it('a remedy is an imperative clause, with code for both languages or for neither', () => {
  for (const { id, remedy } of mutants) {
    expect(remedy.how, id).toMatch(/^[A-Z][a-z]+ .*[^.]$/);
    expect(remedy.javascript === undefined, id).toBe(remedy.python === undefined);
  }
});

const ofFinishes = methods.flatMap((method) => {
  const { success, data } = method.params.safeParse({});
  if (!success) return [];
  return finishesOf(method, data).flatMap(({ parts, more }) => [parts, more.flat()].flat());
});
const remedies = [...mutants, ...ofFinishes].flatMap(({ remedy }) => remedy ?? []);
const codes = new Set(remedies.flatMap(({ javascript = [], python = [] }) => [javascript, python].flat()));

it('a measure is of each image, and keeps its axes', () => {
  for (const code of codes) {
    expect(code).not.toMatch(/\b(a?max|a?min|mean|std|var|norm|moments)\(\)/);
    expect(code).not.toMatch(/\.(max|min|sum)\((3|\[1, 2, 3\])\)/);
    expect(code).not.toMatch(/\.a(max|min)\((1|\(1, 2, 3\))\)/);
  }
});

it('nothing is divided by a maximum or a norm that may be 0', () => {
  for (const code of codes) {
    expect(code).not.toMatch(/\.div\(.*\.(max|sqrt|norm)\(/);
    expect(code).not.toMatch(/\/ \w+(\.abs\(\))?\.(amax|max|norm|flatten)\(/);
  }
});

it('taken literally, a batch with an empty map has no NaN, and each image its own maximum', () => {
  const given = tf.tensor4d([0, 0, 0, 0, 1, 2, 3, 4, 10, 0, 0, 5], [3, 2, 2, 1]);
  const map = {
    max: (axes: number[], keepDims: boolean) => tf.max(given, axes, keepDims),
    divNoNan: (by: tf.Tensor) => tf.divNoNan(given, by),
  };
  const pasted = (code: string): number[] => {
    // oxlint-disable-next-line no-new-func
    const answer = new Function('tf', 'map', 'h', 'w', `return ${code}`) as (...args: unknown[]) => tf.Tensor;
    return Array.from(answer(tf, map, 2, 2).dataSync());
  };
  const wanted = [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 0, 0, 0.5];
  expect(pasted(dividedByMaximum.javascript)).toEqual(wanted);
  expect(pasted(normaliseBeforeResizing.javascript!)).toEqual(wanted);
});
