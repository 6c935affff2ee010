import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HostTensor } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { saliency } from '../saliency/saliency.js';
import { chain, leaf, rounded, smallNet, stagesOf, tensor, twoUnits } from '../core/testing.js';
import { smoothGrad } from './smooth-grad.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

/** f = 2·relu(a − b) + 2·relu(b − a) = 2|a − b|: the gradient is (2, −2) where a > b and (−2, 2) where a < b. */
function distance() {
  return chain(
    [1, 1, 2],
    { flat: leaf.flatten, hidden: leaf.linear(2, 2), relu: leaf.relu, head: leaf.linear(2, 1) },
    {
      'hidden.weight': tensor([2, 2], [1, -1, -1, 1]),
      'head.weight': tensor([1, 2], [2, 2]),
    },
  );
}

// max x − min x is 2, so σ = 1 at fraction ½ and the noise is added unchanged: a − b is −2 + (ε₁ − ε₂).
const x = tensor([1, 1, 1, 2], [1, 3]);
const noise = tensor([4, 1, 1, 1, 2], [3, 0, 0, -3, 0, 0, 5, 0]); // a − b: 1, 1, −2, 3
const stored = { params: { samples: 4, fraction: 0.5, reduce: 'none' }, fixtures: { noise } };

it.each([
  { average: 'mean-then-abs', expected: [1, -1] }, // (2 + 2 − 2 + 2)/4
  { average: 'abs-then-mean', expected: [2, 2] },
  { average: 'mean-of-squares', expected: [4, 4] },
  { average: 'variance', expected: [3, 3] }, // 4 − 1²
])('$average over four stored samples', async ({ average, expected }) => {
  const stages = await stagesOf(smoothGrad, distance(), x, { ...stored, params: { ...stored.params, average } });
  expect(Object.keys(stages)).toEqual(['logits', 'sigma', 'average', 'attribution']);
  expect(rounded(stages['sigma']!)).toEqual([1]);
  expect(rounded(stages['average']!)).toEqual(expected);
  expect(rounded(stages['logits']!)).toEqual([4]); // of the image itself, without noise
});

it('σ is the fraction of each image’s own range', async () => {
  const two = tensor([2, 1, 1, 2], [1, 3, -10, 10]);
  const { sigma } = await stagesOf(smoothGrad, distance(), two, { params: { samples: 1, fraction: 0.25 } });
  expect(rounded(sigma!)).toEqual([0.5, 5]);
});

it('a constant image has σ 0 and the plain gradient', async () => {
  const flat = tensor([1, 1, 1, 2], [2, 2]);
  const { sigma, average } = await stagesOf(smoothGrad, twoUnits([1, 1, 2]), flat, { params: { samples: 3 } });
  expect(rounded(sigma!)).toEqual([0]);
  expect(rounded(average!)).toEqual([-6, -3]);
});

describe('on a network with pooling', () => {
  const numbers = (count: number, seed: number) => Array.from({ length: count }, (_, i) => Math.cos(seed + i * 2.3));
  const images = tensor([2, 3, 5, 6], numbers(180, 1));
  const target = { class: [2, 0] };
  const run = (params: object, fixtures: Record<string, HostTensor> = {}) =>
    stagesOf(smoothGrad, smallNet(), images, { target, params: { samples: 7, reduce: 'none', ...params }, fixtures });

  it.each(['mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance'])(
    'the batch size changes no bit of the answer: %s',
    async (average) => {
      const whole = await run({ average, batch: 7 });
      for (const batch of ['auto', 1, 2, 3, 100]) expect(await run({ average, batch })).toEqual(whole);
    },
  );

  it('neither does it with stored noise', async () => {
    const fixtures = { noise: tensor([7, 2, 3, 5, 6], numbers(7 * 180, 5)) };
    const whole = await run({ batch: 7 }, fixtures);
    for (const batch of [1, 3]) expect(await run({ batch }, fixtures)).toEqual(whole);
  });

  it('neither does the limit of a pass, and no tensor is left', async () => {
    const network = smallNet();
    const explanation = { network, x: images, target, params: { samples: 20 }, fixtures: {} };
    const { stages: whole } = await explain(smoothGrad as Method, explanation);
    const before = tf.memory().numTensors;
    for (const passBytes of [1, 20_000, 1e9])
      expect((await explain(smoothGrad as Method, { ...explanation, passBytes })).stages).toEqual(whole);
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
  });

  it('fraction 0 gives the gradient, and no variance', async () => {
    const { gradient } = await stagesOf(saliency, smallNet(), images, { target, params: { reduce: 'none' } });
    expectNear((await run({ fraction: 0 }))['average']!, gradient!);
    expect(Math.max(...(await run({ fraction: 0, average: 'variance' }))['average']!.data.map(Math.abs))).toBe(0);
  });

  it('the same seed gives the same bits, another seed another answer', async () => {
    const [first, again, other] = [await run({ seed: 3 }), await run({ seed: 3 }), await run({ seed: 4 })];
    expect(again).toEqual(first);
    expect(other['average']).not.toEqual(first['average']);
    expect(await run({})).toEqual(await run({ seed: 0 }));
  });

  it('stored noise takes precedence over the seed', async () => {
    const fixtures = { noise: tensor([7, 2, 3, 5, 6], numbers(7 * 180, 5)) };
    expect(await run({ seed: 1 }, fixtures)).toEqual(await run({ seed: 2 }, fixtures));
  });

  it('images of a batch have different noise', async () => {
    const twins = tensor([2, 3, 5, 6], [...numbers(90, 1), ...numbers(90, 1)]);
    const { average } = await stagesOf(smoothGrad, smallNet(), twins, {
      params: { samples: 2, fraction: 1, reduce: 'none' },
    });
    expect(average!.data.slice(0, 90)).not.toEqual(average!.data.slice(90));
  });
});

describe('the noise', () => {
  it('has variance 1: at σ = |a − b| = 2 the sign of a − b changes as often as ε₁ − ε₂ exceeds 1', async () => {
    // The variance of ε₁ − ε₂ is 2: P(ε₁ − ε₂ > 1) = 0.2398.
    const { average } = await stagesOf(smoothGrad, distance(), x, {
      params: { samples: 2000, fraction: 1, reduce: 'none' },
    });
    // mean = −2·(1 − p) + 2·p, for a: p = (mean/2 + 1)/2
    const p = (average!.data[0]! / 2 + 1) / 2;
    expect(p).toBeGreaterThan(0.2398 - 0.04);
    expect(p).toBeLessThan(0.2398 + 0.04);
  });
});

it.each([
  {
    name: 'noise for another number of samples',
    fixtures: { noise: tensor([3, 1, 1, 1, 2], [0, 0, 0, 0, 0, 0]) },
    message: 'noise has shape [3,1,1,1,2], expected [samples,N,C,H,W] = [4,1,1,1,2]',
  },
  {
    name: 'noise for another image',
    fixtures: { noise: tensor([4, 1, 1, 2, 1], [0, 0, 0, 0, 0, 0, 0, 0]) },
    message: 'noise has shape [4,1,1,2,1]',
  },
])('refuses $name', async ({ fixtures, message }) => {
  await expect(stagesOf(smoothGrad, distance(), x, { ...stored, fixtures })).rejects.toMatchObject({
    code: 'bad-params',
    message: expect.stringContaining(message) as string,
  });
});

it.each([
  { samples: 0 },
  { samples: 1.5 },
  { samples: 1e9 },
  { fraction: -1 },
  { fraction: NaN },
  { average: 'median' },
  { batch: 0 },
  { batch: 'all' },
  { seed: -1 },
])('refuses %j, naming it', async (params) => {
  await expect(stagesOf(smoothGrad, distance(), x, { params })).rejects.toMatchObject({
    code: 'bad-params',
    message: expect.stringContaining(`"${Object.keys(params)[0]}"`) as string,
  });
});

/** The order of summation is all that may differ. */
function expectNear(actual: HostTensor, expected: HostTensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const size = Math.max(...expected.data.map(Math.abs));
  expect(size).toBeGreaterThan(0);
  for (const [i, value] of expected.data.entries())
    expect(Math.abs(actual.data[i]! - value)).toBeLessThanOrEqual(2e-6 * size);
}
