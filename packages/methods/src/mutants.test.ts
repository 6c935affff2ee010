import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { compareTensors, type Stages } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from './explain.js';
import { mutants } from './mutants.js';
import { findMethod, methods } from './registry.js';
import { chain, leaf, tensor } from './testing.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  const numbers = (shape: readonly number[], seed: number) => tensor(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7) / 2));
  // Pool windows tie (the picture has two grey levels), maps are smaller than the picture, ReLUs see both signs.
  network = chain([2, 8, 6], { conv: leaf.conv(2, 3), relu: leaf.relu, pool: leaf.maxPool(2, 2), mix: leaf.conv(3, 3), last: leaf.relu, average: leaf.average, flat: leaf.flatten, head: leaf.linear(3, 2) }, {
    'conv.weight': tensor([3, 2, 1, 1], [1, -0.5, -1, 0.5, 0.3, 0.4]),
    'conv.bias': tensor([3], [0.1, 0.2, 0]),
    'mix.weight': numbers([3, 3, 1, 1], 3),
    'mix.bias': tensor([3], [0.2, 0.2, 0.2]),
    'head.weight': tensor([2, 3], [1, -3, 0.2, -2, 1, -0.5]),
  });
});

/** Two pictures of two levels; the second has three times the contrast. */
const x = tensor([2, 2, 8, 6], Array.from({ length: 192 }, (_, i) => (Math.sin(i * i) > 0 ? 1 : -0.5) * (i < 96 ? 1 : 3)));

const paramsOf: Record<string, object> = { 'smooth-grad': { samples: 4 } };
const request = (method: string) => ({ network, x, target: { class: [0, 1] }, params: paramsOf[method] ?? {}, fixtures: {} });
const pairs = mutants.flatMap(({ id, of }) => of.filter((method) => methods.some((known) => known.id === method && known.params.safeParse({}).success)).map((method) => ({ id, method })));

/** A mutant must compute, and compute something else; one that throws would be rejected for the wrong reason. */
describe.each(pairs)('$id of $method', ({ id, method }) => {
  it('runs, and its answer is another one', async () => {
    const before = tf.memory().numTensors;
    const right = (await explain(findMethod(method), request(method))).stages;
    const wrong = await mutants.find((mutant) => mutant.id === id)!.explain(findMethod(method), request(method));
    expect(Object.keys(wrong)).toEqual(Object.keys(right));
    expect(differs(wrong, right)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});

function differs(wrong: Stages, right: Stages): boolean {
  return Object.entries(right).some(([name, stage]) => {
    const other = wrong[name]!;
    return other.shape.join() !== stage.shape.join() || other.data.some(Number.isNaN) || compareTensors(other, stage).e2 > 1e-3;
  });
}

it('ids stand once', () => {
  expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
});
