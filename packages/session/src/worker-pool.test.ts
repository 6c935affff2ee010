/** Real threads with real engines: the same bits as one engine gives, and nothing left behind. */
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import type { HostTensor, Target } from '@touchstone/contract';
import { explain, findMethod, type Explanation, type WorkItem, type WorkerPool } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNetworkFolder } from './network/network-folder.js';
import { ThreadChannel } from './runtimes/thread.js';
import { openWorkerPool, runOn, type OpenWorkerPool } from './worker-pool.js';

const folderOf = (name: string) =>
  readNetworkFolder(fileURLToPath(new URL(`../../../golden/networks/${name}`, import.meta.url)));
const folder = folderOf('tiny-vgg');
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.cos(seed + i * 2.3 + Math.sin(i)));
const images = (count: number): HostTensor => ({ shape: [count, 3, 32, 32], data: numbers(count * 3072, 1) });
const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

let network: Network;
let pool: OpenWorkerPool;
beforeAll(async () => {
  await findBackend('wasm').open();
  network = loadNetwork(folder.description, folder.weights);
  pool = await openWorkerPool({ backend: 'wasm', ...folder, size: 2 });
}, 60_000);
afterAll(async () => {
  network.dispose();
  await pool.close();
});

interface Case {
  readonly name: string;
  readonly method: string;
  readonly count: number;
  readonly target?: Target;
  readonly params?: object;
  readonly noise?: HostTensor;
}

const cases: Case[] = [
  ...['saliency', 'deconv', 'guided-backprop', 'grad-cam', 'activations'].map((method) => ({
    name: `a batch of 5: ${method}`,
    method,
    count: 5,
    target: { class: [5, 1, 0, 8, 2] },
  })),
  { name: 'weights as target', method: 'saliency', count: 3, target: { weights: [1, 0, 0, -1, 0, 0, 0, 0, 0, 2] } },
  { name: 'a batch that is smaller than the pool', method: 'saliency', count: 1 },
  { name: 'smooth-grad with a seed', method: 'smooth-grad', count: 1, params: { samples: 9, seed: 3 } },
  { name: 'smooth-grad, one sample', method: 'smooth-grad', count: 1, params: { samples: 1 } },
  {
    name: 'smooth-grad of two images, variance, in batches',
    method: 'smooth-grad',
    count: 2,
    target: { class: [3, 4] },
    params: { samples: 7, average: 'variance', batch: 2, reduce: 'none' },
  },
  {
    name: 'smooth-grad with stored noise',
    method: 'smooth-grad',
    count: 2,
    params: { samples: 5, display: true },
    noise: { shape: [5, 2, 3, 32, 32], data: numbers(5 * 2 * 3072, 7) },
  },
];

it.each(cases)(
  '$name: the same bits as one engine',
  async ({ method, count, target = { class: 1 }, params = {}, noise }) => {
    const explanation: Explanation = { network, x: images(count), target, params, fixtures: noise ? { noise } : {} };
    const alone = await explain(findMethod(method), explanation);
    const before = tf.memory().numTensors;
    const asked: WorkItem[] = [];
    const watched: WorkerPool = {
      ...pool,
      size: pool.size,
      network: pool.network,
      run: (item) => (asked.push(item), pool.run(item)),
    };
    expect((await explain(findMethod(method), { ...explanation, pool: watched })).stages).toEqual(alone.stages);
    expect(asked.length > 0).toBe(count > 1 || method === 'smooth-grad');
    expect(tf.memory().numTensors).toBe(before);
  },
);

it('how many samples share a pass changes no bit on the pool', async () => {
  const explanation: Explanation = {
    network,
    x: images(1),
    target: { class: 2 },
    params: { samples: 40 },
    fixtures: {},
  };
  const alone = await explain(findMethod('smooth-grad'), explanation);
  for (const passBytes of [1, 2 ** 22])
    expect((await explain(findMethod('smooth-grad'), { ...explanation, pool, passBytes })).stages).toEqual(
      alone.stages,
    );
});

describe('what goes wrong', () => {
  it('an error in a thread has its code and remedy, and the next question is answered', async () => {
    const item: WorkItem = { method: 'saliency', x: images(2), target: { class: 1 }, params: {} };
    await expect(pool.run({ ...item, target: { class: 99 } })).rejects.toMatchObject({
      code: 'bad-input',
      hint: expect.any(String) as string,
    });
    expect((await pool.run(item))['attribution']!.shape).toEqual([2, 1, 32, 32]);
  });

  it('a question that cannot be sent does not mix up the answers', async () => {
    const item = (count: number): WorkItem => ({
      method: 'saliency',
      x: images(count),
      target: { class: 1 },
      params: {},
    });
    const unsent = { ...item(9), params: () => undefined };
    const answers = await Promise.allSettled(
      [1, 2, 3]
        .map((count) => pool.run(item(count)))
        .concat(
          [pool.run(unsent)],
          [4, 5].map((count) => pool.run(item(count))),
        ),
    );
    expect(
      answers.map((answer) => (answer.status === 'fulfilled' ? answer.value['attribution']!.shape[0] : answer.status)),
    ).toEqual([1, 2, 3, 'rejected', 4, 5]);
  });

  it('in the middle of a smooth-grad: one error, no tensor left, the pool goes on', async () => {
    const explanation: Explanation = {
      network,
      x: images(1),
      target: { class: 1 },
      params: { samples: 8 },
      fixtures: {},
    };
    const before = tf.memory().numTensors;
    let asked = 0;
    const failing: WorkerPool = {
      size: 2,
      network: pool.network,
      run: (item) => pool.run(++asked === 4 ? { ...item, target: { class: 99 } } : item),
    };
    await expect(explain(findMethod('smooth-grad'), { ...explanation, pool: failing })).rejects.toMatchObject({
      code: 'bad-input',
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(
      (await explain(findMethod('smooth-grad'), { ...explanation, pool })).stages['attribution']!.data.every(
        Number.isFinite,
      ),
    ).toBe(true);
  });

  it('a pool with another network is refused', async () => {
    const other = folderOf('tiny-vgg');
    const stranger = loadNetwork(other.description, other.weights);
    await expect(
      explain(findMethod('saliency'), {
        network: stranger,
        x: images(2),
        target: { class: 1 },
        params: {},
        fixtures: {},
        pool,
      }),
    ).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('not this tiny-vgg') as string });
    stranger.dispose();
  });

  it('other weights give another answer, those of that pool', async () => {
    const weights = Object.fromEntries(
      Object.entries(folder.weights).map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((value) => value / 2) },
      ]),
    );
    const changed = loadNetwork(folder.description, weights);
    const second = await openWorkerPool({ backend: 'wasm', description: folder.description, weights, size: 2 });
    const explanation = { x: images(5), target: { class: 1 }, params: {}, fixtures: {} };
    try {
      const alone = await explain(findMethod('saliency'), { ...explanation, network: changed });
      expect(
        (await explain(findMethod('saliency'), { ...explanation, network: changed, pool: second })).stages,
      ).toEqual(alone.stages);
      expect((await explain(findMethod('saliency'), { ...explanation, network, pool })).stages).not.toEqual(
        alone.stages,
      );
    } finally {
      changed.dispose();
      await second.close();
    }
  });

  it.each([
    [
      'a backend that uses the cores itself',
      { backend: 'tensorflow' },
      { code: 'usage', hint: expect.stringContaining('--workers') as string },
    ],
    ['weights that are missing', { weights: {} }, { code: 'bad-network' }],
    ['a pool of no threads', { size: 0 }, { code: 'usage' }],
  ])('%s: no pool, and no thread', async (_, changed, error) => {
    const before = threads();
    await expect(openWorkerPool({ backend: 'wasm', ...folder, size: 2, ...changed })).rejects.toMatchObject(error);
    await expect.poll(threads, { timeout: 20_000 }).toBe(before);
  });

  it('closed in the middle of its work: one clear error each, also for what waits', async () => {
    const before = threads();
    const short = await openWorkerPool({ backend: 'wasm', ...folder, size: 2 });
    const item: WorkItem = { method: 'saliency', x: images(64), target: { class: 1 }, params: {} };
    const asked = [1, 2, 3, 4].map(() => short.run(item));
    const ends = expect(Promise.allSettled(asked)).resolves.toMatchObject(
      asked.map(() => ({
        status: 'rejected',
        reason: { code: 'process-crashed', message: expect.stringContaining('closed') as string },
      })),
    );
    await short.close();
    await ends;
    await expect.poll(threads, { timeout: 20_000 }).toBe(before);
  });

  it('a thread that dies: one clear error, then and later', async () => {
    const before = threads();
    const program =
      "import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ kind }) => { " +
      "if (kind !== 'load') process.exit(7); parentPort.postMessage({ kind: 'loaded' }); });";
    const worker = new ThreadChannel(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    expect(await worker.ask({ kind: 'load', network: folder })).toEqual({ kind: 'loaded' });
    const item: WorkItem = { method: 'saliency', x: images(1), target: { class: 1 }, params: {} };
    for (const _ of ['then', 'later'])
      await expect(runOn(worker, item)).rejects.toMatchObject({
        code: 'process-crashed',
        message: 'a thread of the pool ended with status 7',
        hint: expect.any(String) as string,
      });
    await worker.close();
    await expect.poll(threads, { timeout: 20_000 }).toBe(before);
  });
});
