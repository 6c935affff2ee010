import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { compareTensors, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from './core/explain.js';
import { findMethod, methods, mutants } from './registry.js';
import { chain, leaf, network as calling, tensor, twoUnits } from './core/testing.js';
import type { Leaf } from '@touchstone/network/testing';

let network: Network;
/** Methods and faults that only show with another network. */
let networkOf: Record<string, Network>;
let layered: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const numbers = (shape: readonly number[], seed: number) =>
    tensor(
      shape,
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7) / 2),
    );
  // Pool windows tie (the image has two grey levels), maps are smaller than the image, ReLUs see both signs.
  network = chain(
    [2, 8, 6],
    {
      conv: leaf.conv(2, 3),
      relu: leaf.relu,
      pool: leaf.maxPool(2, 2),
      mix: leaf.conv(3, 3),
      last: leaf.relu,
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    {
      'conv.weight': tensor([3, 2, 1, 1], [1, -0.5, -1, 0.5, 0.3, 0.4]),
      'conv.bias': tensor([3], [0.1, 0.2, 0]),
      'mix.weight': numbers([3, 3, 1, 1], 3),
      'mix.bias': tensor([3], [0.2, 0.2, 0.2]),
      'head.weight': tensor([5, 3], [1, -3, 0.2, -2, 1, -0.5, 0.5, 0.5, -1, 1, -0.4, 0.2, -1, 2, 0.3]),
    },
    {
      heads: [
        { name: 'left', size: 2 },
        { name: 'right', size: 3 },
      ],
      preprocess: { resize: 8, crop: [8, 6], mean: [120, 110], std: [60, 70] },
    },
  );
  const kernels = chain(
    [2, 8, 6],
    { conv: leaf.conv(2, 3, 2) },
    { 'conv.weight': numbers([3, 2, 2, 2], 7), 'conv.bias': tensor([3], [1, 2, 3]) },
  );
  const plane = twoUnits([2, 1, 1], [0.5, -1]);
  const reused = exactZeros();
  const dense = skipAndLinears(numbers);
  layered = everyLayer(numbers);
  networkOf = {
    'relu-open-at-zero': reused,
    'divisor-ignored': reused,
    'ceil-mode-ignored': partialWindows(numbers),
    'cam-first-call': reused,
    'flatten-unpermuted': reused,
    'relu6-unbounded': dense,
    'guided-features-only': dense,
    'deconv-features-only': dense,
    'guided-clamped-at-inputs': dense,
    'guided-functional-missed': dense,
    parameters: kernels,
    'line-bias-sign': plane,
    'line-along-normal': plane,
    'region-upside-down': plane,
  };
});

/** A layer that is called twice; of images of two levels, 1 and −½, some of its values are exactly zero. */
function exactZeros(): Network {
  const window = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false, countIncludePad: true };
  const calls = ['mix', 'relu', 'mix', 'relu', 'pool', 'flat', 'head'].map((module, i, all) => ({
    name: `${module}${i}`,
    module,
    args: [i === 0 ? 'x' : `${all[i - 1]}${i - 1}`],
  }));
  return calling(
    [2, 8, 6],
    {
      '': { type: 'Reused', inputs: ['x'], calls, output: 'head6' },
      mix: leaf.conv(2, 2),
      relu: leaf.relu,
      pool: { type: 'AvgPool2d', attributes: { ...window, divisorOverride: 3 } },
      flat: leaf.flatten,
      head: leaf.linear(24, 5),
    },
    {
      'mix.weight': tensor([2, 2, 1, 1], [1, 2, 1, -1]),
      'mix.bias': tensor([2], [0, 0]),
      'head.weight': tensor(
        [5, 24],
        Array.from({ length: 120 }, (_, i) => Math.sin(i * 1.7) + 0.3),
      ),
    },
  );
}

/**
 * A skip connection that starts at the input of a ReLU6, of which some values are above 6; a ReLU that is a function,
 * and one of Linears.
 */
function skipAndLinears(numbers: (shape: readonly number[], seed: number) => HostTensor): Network {
  const { data, shape } = numbers([3, 2, 1, 1], 6);
  return calling(
    [2, 8, 6],
    {
      '': {
        type: 'Skip',
        inputs: ['x'],
        calls: [
          { name: 'functional', op: 'relu', args: ['x'], attributes: { inplace: false } },
          { name: 'mixed', module: 'mix', args: ['functional'] },
          { name: 'bounded', module: 'bounded', args: ['mixed'] },
          { name: 'sum', op: 'add', args: ['bounded', 'mixed'], attributes: {} },
          { name: 'flattened', module: 'flat', args: ['sum'] },
          { name: 'hidden', module: 'hidden', args: ['flattened'] },
          { name: 'active', module: 'relu', args: ['hidden'] },
          { name: 'logits', module: 'head', args: ['active'] },
        ],
        output: 'logits',
      },
      mix: leaf.conv(2, 3),
      bounded: { type: 'ReLU6', attributes: { inplace: false } },
      flat: leaf.flatten,
      hidden: leaf.linear(144, 6),
      relu: leaf.relu,
      head: leaf.linear(6, 5),
    },
    {
      'mix.weight': { shape, data: data.map((value) => 9 * value) },
      'mix.bias': numbers([3], 7),
      'hidden.weight': numbers([6, 144], 8),
      'head.weight': numbers([5, 6], 9),
    },
  );
}

/** A pool whose last windows are partial, and no layer after it that asks for a size. */
function partialWindows(numbers: (shape: readonly number[], seed: number) => HostTensor): Network {
  const window = { kernelSize: [3, 3], stride: [2, 2], padding: [0, 0], ceilMode: true, dilation: [1, 1] };
  return chain(
    [2, 8, 6],
    {
      mix: leaf.conv(2, 3),
      pool: { type: 'MaxPool2d', attributes: window },
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    { 'mix.weight': numbers([3, 2, 1, 1], 6), 'mix.bias': numbers([3], 7), 'head.weight': numbers([5, 3], 8) },
  );
}

/** Three channels; wide kernels, batch norm, and pools that pad, not behind a ReLU. */
function everyLayer(numbers: (shape: readonly number[], seed: number) => HostTensor): Network {
  const pool = { kernelSize: [3, 3], stride: [1, 1], padding: [1, 1], ceilMode: false };
  const average = (countIncludePad: boolean): Leaf => ({
    type: 'AvgPool2d',
    attributes: { ...pool, countIncludePad, divisorOverride: null },
  });
  const conv = leaf.conv(3, 3, 3);
  return chain(
    [3, 8, 6],
    {
      conv: { ...conv, attributes: { ...conv.attributes, stride: [2, 2], padding: [1, 1] } },
      norm: { type: 'BatchNorm2d', attributes: { numFeatures: 3, eps: 1e-5, affine: true } },
      pool: { type: 'MaxPool2d', attributes: { ...pool, dilation: [1, 1] } },
      counted: average(true),
      relu: leaf.relu,
      mix: leaf.conv(3, 3),
      last: average(false),
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    {
      'conv.weight': numbers([3, 3, 3, 3], 1),
      'conv.bias': numbers([3], 2),
      'norm.weight': tensor([3], [1, -1, 0.5]),
      'norm.bias': tensor([3], [-0.5, -2, -2]),
      'norm.running_mean': numbers([3], 3),
      'norm.running_var': tensor([3], [0.05, 0.1, 0.2]),
      'mix.weight': numbers([3, 3, 1, 1], 4),
      'mix.bias': tensor([3], [0.2, 0.2, 0.2]),
      'head.weight': numbers([5, 3], 5),
    },
    { preprocess: { resize: 8, crop: [8, 6], mean: [120, 110, 100], std: [60, 70, 80] } },
  );
}

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
const smallest: Record<string, number> = { 'weights-float16': 5e-5, 'weights-tf32': 5e-5 };

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
};
/** A layer where HiResCAM and Grad-CAM differ, and whose maps have both signs. */
const paramsFor = (method: string, mutant: string): object => ({
  ...(findMethod(method).declares.normalisedMap && { layer: 'mix' }),
  ...paramsOf[method],
  ...mutants.find(({ id }) => id === mutant)?.shows?.params,
  ...(method === 'smooth-grad' && mutant === 'relu-open-at-zero' && { fraction: 0 }), // noise moves values off zero
});
const request = (method: string, mutant: string) => ({
  network: ofEveryLayer.has(mutant) ? layered : (networkOf[mutant] ?? networkOf[method] ?? network),
  x: inputOf[mutant] ?? (ofEveryLayer.has(mutant) ? waves : (inputOf[method] ?? x)),
  target: targetOf[mutant] ?? { class: method === 't-sne' ? 0 : [0, 1] },
  params: paramsFor(method, mutant),
  fixtures: {},
});
const pairs = mutants.flatMap(({ id, of }) =>
  of
    .filter((method) =>
      methods.some((known) => known.id === method && known.params.safeParse(paramsOf[method] ?? {}).success),
    )
    .map((method) => ({ id, method })),
);

/** A mutant must compute a different answer; one that throws would be rejected for the wrong reason. */
describe.each(pairs)('$id of $method', ({ id, method }) => {
  it('runs, and its answer differs', async () => {
    const before = tf.memory().numTensors;
    const right = (await explain(findMethod(method), request(method, id))).stages;
    const wrong = await mutants.find((mutant) => mutant.id === id)!.explain(findMethod(method), request(method, id));
    expect(Object.keys(wrong)).toEqual(Object.keys(right));
    expect(differs(wrong, right, smallest[id] ?? 1e-3)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
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

it('ids are unique', () => {
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
});

it.each(mutants.map(({ id, remedy }) => ({ id, remedy })))(
  'the remedy of $id is an imperative clause, with code for both languages or for neither',
  ({ remedy: { how, javascript, python } }) => {
    expect(how).toMatch(/^[A-Z][a-z]+ .*[^.]$/);
    expect(javascript === undefined).toBe(python === undefined);
  },
);
