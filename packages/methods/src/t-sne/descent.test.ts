import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { constant } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { affinitiesOf, descentSteps, divergenceOf, gradientOf, moved } from './descent.js';
import { divergence, normalised, symmetrised } from './probabilities.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** More points than fit into one block of columns. */
const n = 140;
const joint = normalised(
  symmetrised({
    n,
    data: Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 0 : 1 + Math.sin(i * 1.3))),
  }),
);
const places = Float64Array.from({ length: 2 * n }, (_, i) => 3 * Math.sin(i * i));
const points = () => constant(places, [n, 2]) as tf.Tensor2D;

/** 4 Σⱼ (e·p − q)(yᵢ − yⱼ)/(1 + ‖yᵢ − yⱼ‖²), pair by pair. */
function pairwise(exaggeration: number): number[] {
  const close = (i: number, j: number) =>
    1 / (1 + (places[2 * i]! - places[2 * j]!) ** 2 + (places[2 * i + 1]! - places[2 * j + 1]!) ** 2);
  let all = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) all += close(i, j);
  return Array.from(places, (place, at) => {
    const i = Math.floor(at / 2);
    let sum = 0;
    for (let j = 0; j < n; j++)
      if (j !== i)
        sum +=
          (exaggeration * joint.data[i * n + j]! - close(i, j) / all) *
          close(i, j) *
          (place - places[2 * j + (at % 2)]!);
    return 4 * sum;
  });
}

it.each([1, 12])('the gradient, with P exaggerated by %d', async (exaggeration) => {
  const expected = pairwise(exaggeration);
  const found = await tf.tidy(() => gradientOf(points(), affinitiesOf(joint), exaggeration, descentSteps)).data();
  const size = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(1e-5 * size));
});

it('the divergence is that of plain doubles', async () => {
  const [found] = await tf.tidy(() => divergenceOf(points(), affinitiesOf(joint), descentSteps)).data();
  expect(found).toBeCloseTo(divergence(joint, places), 5);
});

describe('an update', () => {
  const pair = (a: number, b: number) => constant([a, b], [1, 2]) as tf.Tensor2D;

  it.each([
    {
      name: 'at rest the gains shrink',
      update: [0, 0],
      gains: [1, 1],
      expectedGains: [0.8, 0.8],
      expectedUpdate: [-1.6, 3.2],
    },
    {
      name: 'where the gradient points against the update they grow',
      update: [-1, -1],
      gains: [1, 2],
      expectedGains: [1.2, 1.6],
      expectedUpdate: [-2.4 - 0.5, 6.4 - 0.5],
    },
    {
      name: 'they stay above 0.01',
      update: [1, -1],
      gains: [0.01, 0.012],
      expectedGains: [0.01, 0.01],
      expectedUpdate: [-0.02 + 0.5, 0.04 - 0.5],
    },
  ])('$name', async ({ update, gains, expectedGains, expectedUpdate }) => {
    const [u, g] = [update, gains].map(([a, b]) => pair(a!, b!)) as [tf.Tensor2D, tf.Tensor2D];
    // The gradient is (1, −2), the momentum ½ and the rate 2.
    const next = moved({ embedding: pair(10, 20), update: u, gains: g }, pair(1, -2), 0.5, 2, descentSteps);
    const near = async (tensor: tf.Tensor, values: readonly number[]) =>
      (await tensor.data()).forEach((value, i) => expect(value).toBeCloseTo(values[i]!, 5));
    await near(next.gains, expectedGains);
    await near(next.update, expectedUpdate);
    await near(next.embedding, [10 + expectedUpdate[0]!, 20 + expectedUpdate[1]!]);
    await near(next.norm, [Math.hypot(expectedGains[0]!, 2 * expectedGains[1]!)]);
  });
});
