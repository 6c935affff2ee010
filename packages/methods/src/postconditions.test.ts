/** What the postconditions of the methods that make images accept, each at its border, in networks of two inputs. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Stages } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { checkPostconditions } from './core/explain.js';
import { chain, leaf, tensor } from './core/testing.js';
import { findMethod } from './registry.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** Maps m₀ = a and m₁ = b of one pixel; f₀ = 3a + 4b and f₁ = 0. Pixels 0 and 255 are −10 and 10 to it. */
const network = () =>
  chain(
    [2, 1, 1],
    { conv: leaf.conv(2, 2), flat: leaf.flatten, head: leaf.linear(2, 2) },
    {
      'conv.weight': tensor([2, 2, 1, 1], [1, 0, 0, 1]),
      'conv.bias': tensor([2], [0, 0]),
      'head.weight': tensor([2, 2], [3, 4, 0, 0]),
    },
    { preprocess: { resize: 1, crop: [1, 1], mean: [127.5, 127.5], std: [12.75, 12.75] } },
  );
const images = (...values: number[]) => tensor([values.length / 2, 2, 1, 1], values);

interface Judged {
  readonly method: string;
  /** The image, or the stored start. */
  readonly from: readonly number[];
  readonly params?: object;
  readonly end: readonly number[];
  readonly steps?: readonly number[];
  readonly target?: 'likeliest';
  readonly expected: Record<string, boolean>;
}

const fooling = { method: 'fooling-image', from: [-2.7, -3.6], params: { steps: 5 } };
const fooled = { fooled: true, 'in time': true, near: true };
const visualized = { method: 'class-visualization', from: [0, 1] };
const risen = { rising: true, pixels: true };
const filtered = { method: 'filter-visualization', from: [9, 1], params: { layer: 'conv', filter: 1, octaves: 1 } };

it.each<Judged>([
  // The end is 5 away from the image.
  { ...fooling, end: [0.3, 0.4], steps: [5], expected: fooled },
  { ...fooling, end: [0.3, 0.4], expected: fooled },
  { ...fooling, end: [0.302, 0.402], steps: [5], expected: fooled },
  { ...fooling, end: [0.31, 0.41], steps: [5], expected: { ...fooled, near: false } },
  { ...fooling, end: [0.3, 0.4], steps: [4], expected: { ...fooled, near: false } },
  { ...fooling, end: [0.3, 0.4], steps: [6], expected: { ...fooled, 'in time': false } },
  { ...fooling, end: [-2.7, -3.6], steps: [0], expected: { ...fooled, fooled: false } },
  { ...fooling, params: { steps: 10, rate: 0.4 }, end: [0.3, 0.4], expected: { ...fooled, near: false } },
  {
    ...fooling,
    from: [-2.7, -3.6, 1, 1],
    end: [0.3, 0.4, -1, 0],
    steps: [5, 1],
    expected: { fooled: false, 'in time': true, near: false },
  },

  // The likeliest class of the image is 1, so it may stay as it is.
  { ...fooling, target: 'likeliest', end: [-2.7, -3.6], steps: [0], expected: fooled },
  { ...fooling, target: 'likeliest', end: [0.3, 0.4], expected: { ...fooled, fooled: false } },

  { ...visualized, end: [10, -6], expected: risen },
  { ...visualized, end: [0, 1], expected: { ...risen, rising: false } },
  { ...visualized, end: [10.00001, 0], expected: risen },
  { ...visualized, end: [10.0001, 0], expected: { ...risen, pixels: false } },
  { ...visualized, end: [10, -10.0001], expected: { rising: false, pixels: false } },
  { ...visualized, from: [0, 1, 0, 1], end: [0, 2, 1, 0], expected: { ...risen, rising: false } },
  // Softmax of (4.4, 0) is 0.988.
  { ...visualized, params: { probability: 0.98 }, end: [0, 1.1], expected: { ...risen, probability: true } },
  { ...visualized, params: { probability: 0.99 }, end: [0, 1.1], expected: { ...risen, probability: false } },
  {
    ...visualized,
    params: { probability: 0.99 },
    from: [0, 1, 0, 1],
    end: [0, 5, 0, 1.1],
    expected: { ...risen, probability: false },
  },

  { ...filtered, end: [0, 2], expected: { rising: true } },
  { ...filtered, end: [10, 1], expected: { rising: false } },
  { ...filtered, from: [9, 1, 9, 1], end: [0, 2, 10, 1], expected: { rising: false } },
])('$method from $from to $end, $steps steps, $params: $expected', async ({ method, from, end, ...judged }) => {
  const loaded = network();
  const stages: Stages = {
    attribution: images(...end),
    ...(judged.steps && { steps: tensor([judged.steps.length], judged.steps) }),
  };
  const x = images(...from);
  const fixtures = method === 'fooling-image' ? {} : { start: x };
  const given = { network: loaded, x, target: judged.target ?? { class: 0 }, params: judged.params ?? {}, fixtures };
  const before = tf.memory().numTensors;
  const found = await checkPostconditions(findMethod(method), given, stages, {});
  expect(Object.fromEntries(found.map(({ name, holds }) => [name, holds]))).toEqual(judged.expected);
  expect(found.every(({ text }) => text !== '')).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
  loaded.dispose();
});
