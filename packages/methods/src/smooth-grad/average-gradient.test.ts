import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HostTensor, Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { smallNet, tensor } from '../core/testing.js';
import type { WorkerPool, WorkItem } from '../core/worker-pool.js';
import { RunningMean } from './running-mean.js';
import { smoothGrad } from './smooth-grad.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  network = smallNet();
});

const x = tensor(
  [2, 3, 5, 6],
  Array.from({ length: 180 }, (_, i) => (i % 90 === 0 ? 1 : i % 90 === 1 ? 0 : 0.5)),
);
/** Sample i adds i + 1 to every pixel, times σ, which is a quarter of the range 1. */
const noise = (samples: number): HostTensor => ({
  shape: [samples, ...x.shape],
  data: Float32Array.from({ length: samples * 180 }, (_, i) => 1 + Math.floor(i / 180)),
});

/** Workers that answer that the gradient is the square of the image, the first ones last. */
async function average(samples: number, size: number, params: object, target: Target = { class: 1 }) {
  const items: WorkItem[] = [];
  let [busy, most] = [0, 0];
  const pool: WorkerPool = {
    size,
    network: network.description,
    run: async (item) => {
      items.push(item);
      most = Math.max(most, ++busy);
      for (let i = 0; i < 20 - items.length; i++) await Promise.resolve();
      busy--;
      return { gradient: { shape: item.x.shape, data: item.x.data.map((value) => value ** 2) } };
    },
  };
  const given = { network, x, target, pool, params: { samples, fraction: 0.25, ...params } };
  const before = tf.memory().numTensors;
  const { stages } = await explain(smoothGrad as Method, { ...given, fixtures: { noise: noise(samples) } });
  expect(tf.memory().numTensors).toBe(before);
  return { items, most, data: stages['average']!.data };
}

/** Fails in the second pass; `ended` are the others that have ended. */
function failing(): WorkerPool & { readonly ended: number[] } {
  const ended: number[] = [];
  let given = 0;
  const run: WorkerPool['run'] = async ({ x: { shape, data } }) => {
    const pass = given++;
    if (pass === 1) throw new Error('the second pass');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(pass);
    return { gradient: { shape, data } };
  };
  return { size: 2, network: network.description, run, ended };
}

const perItem = (items: readonly WorkItem[]) => items.map((item) => item.x.shape[0]! / 2);

describe('samples that workers share', () => {
  it.each([
    { samples: 7, size: 2, batch: 3, counts: [3, 2, 1, 1] },
    { samples: 5, size: 1, batch: 2, counts: [2, 2, 1] },
    { samples: 4, size: 3, batch: 9, counts: [2, 1, 1] },
    { samples: 50, size: 1, batch: 16, counts: [13, 13, 12, 12] },
  ])('$samples among $size, at most $batch at a time: $counts', async ({ samples, size, batch, counts }) => {
    const { items, most, data } = await average(samples, size, { batch });
    expect(perItem(items)).toEqual(counts);
    expect(most).toBe(Math.min(2 * size, counts.length));
    for (const [i, value] of data.entries()) {
      const squares = Array.from({ length: samples }, (_, sample) => (x.data[i]! + 0.25 * (sample + 1)) ** 2);
      expect(value / (squares.reduce((sum, square) => sum + square, 0) / samples)).toBeCloseTo(1, 5);
    }
  });

  it('have the target of their image, and are asked for the gradient as a stage of saliency', async () => {
    const { items } = await average(3, 1, { batch: 2 }, { class: [2, 0] });
    expect(items.map(({ target }) => target)).toEqual([{ class: [2, 0, 2, 0] }, { class: [2, 0] }]);
    for (const item of items)
      expect(item).toMatchObject({ method: 'saliency', params: { reduce: 'none' }, stages: ['gradient'] });
    const weights = { weights: [1, 2, 3] };
    expect((await average(2, 1, {}, weights)).items.map(({ target }) => target)).toEqual([weights]);
  });

  it('fail with the error of one pass, after all passes have ended', async () => {
    const pool = failing();
    const given = { network, x, target: { class: 1 }, pool, params: { samples: 4, batch: 1 }, fixtures: {} };
    await expect(explain(smoothGrad as Method, given)).rejects.toThrow('the second pass');
    expect(pool.ended).toEqual([0, 2, 3]);
  });

  it('have their variance around the first', async () => {
    const { data } = await average(3, 2, { average: 'variance' });
    const squares = [1, 2, 3].map((sample) => (x.data[5]! + 0.25 * sample) ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / 3;
    expect(data[5]).toBeCloseTo(squares.reduce((sum, square) => sum + (square - mean) ** 2, 0) / 3, 5);
  });
});

it.each([false, true])('more samples take no more memory; of the variance: %s', async (ofVariance) => {
  tf.engine().startScope('mean');
  const mean = new RunningMean((g) => g, ofVariance);
  const held: number[] = [];
  for (let i = 0; i < 3; i++) {
    mean.add(tf.ones([2, 1, 1, 1, 1]));
    held.push(tf.memory().numTensors);
  }
  tf.engine().endScope();
  expect(held).toEqual(held.map(() => held[0]));
});
