/** The benchmarks' questions, on cpu in this process. */
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { findBackend, registerStockGradients } from '@touchstone/backends';
import { compareTensors, type HostTensor } from '@touchstone/contract';
import { openWorkerPool, readNetworkFolder, type ExplainRequest } from '@touchstone/session';
import { BackendEngine } from '@touchstone/session/child';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpeedQuestion, Timed } from './questions.js';
import { speedExtension } from './speed-extension.js';

const network = (name: string): string => fileURLToPath(new URL(`../../../golden/networks/${name}`, import.meta.url));
const drawn = (shape: readonly number[], seed: number): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + 12.9898 * i) * 1.7),
});
const job = (name: string, changed: Partial<ExplainRequest> = {}): ExplainRequest => ({
  method: 'smooth-grad',
  networkFolder: network(name),
  x: drawn([1, 3, 32, 32], 1),
  target: { class: 3 },
  params: {
    samples: 3,
    fraction: 0.15,
    average: 'mean-then-abs',
    reduce: 'abs-max',
    display: false,
    batch: 2,
    seed: 0,
  },
  fixtures: { noise: drawn([3, 1, 3, 32, 32], 2) },
  maxValues: 1e6,
  ...changed,
});

const alone = { workers: 1 } as const;
let engine: BackendEngine;
let registered = 0;
const pools: Awaited<ReturnType<typeof openWorkerPool>>[] = [];
const extension = speedExtension({
  memory: { forget: () => undefined, peak: () => 7 },
  processorMilliseconds: () => null,
});
const ask = (question: SpeedQuestion): Promise<unknown> => extension(question, engine);
const time = (question: Omit<Extract<SpeedQuestion, { kind: 'time' }>, 'kind'>): Promise<Timed> =>
  ask({ kind: 'time', ...question }) as Promise<Timed>;

beforeAll(async () => {
  engine = await BackendEngine.open(findBackend('cpu'), {
    read: async (folder) => readNetworkFolder(folder),
    openWorkerPool: async (options) => {
      pools.push(await openWorkerPool(options));
      return pools.at(-1)!;
    },
    registerStockGradients: () => {
      registered++;
      registerStockGradients();
    },
  });
});

afterAll(() => Promise.all(pools.map((pool) => pool.close())));

describe('the same request by ours and by stock TF.js', () => {
  // The last is large: one sample, in one pass.
  it.each([
    ['tiny-vgg', 3],
    ['residual', 3],
    ['dense-concat', 3],
    ['batch-norm', 3],
    ['efficientnet-lite0', 1],
  ] as const)('%s: the same average, nothing left behind', async (name, samples) => {
    const averages: HostTensor[] = [];
    const params = { ...job(name).params, samples };
    const request = job(name, { params, fixtures: { noise: drawn([samples, 1, 3, 32, 32], 2) } });
    for (const by of ['ours', 'stock', 'ours', 'stock'] as const) {
      const timed = await time({ request, by, answer: 'average', ...alone });
      expect(timed).toMatchObject({ leaked: 0, peakBytes: 7, processorMilliseconds: null });
      if (timed.answer === null) throw new Error('no answer');
      expect(timed.milliseconds).toBeGreaterThan(0);
      averages.push(timed.answer);
    }
    expect(Math.max(...averages[0]!.data.map(Math.abs))).toBeGreaterThan(0);
    for (const other of averages.slice(1)) expect(compareTensors(other, averages[0]!).e2).toBeLessThan(1e-5);
  });

  it('ours does not register the gradients of stock TF.js', async () => {
    const before = registered;
    await time({ request: job('tiny-vgg'), by: 'ours', answer: null, ...alone });
    expect(registered).toBe(before);
  });

  it('returns no stage unless one is asked for', async () => {
    expect(await time({ request: job('tiny-vgg'), by: 'ours', answer: null, ...alone })).toMatchObject({
      answer: null,
    });
  });
});

describe('our method with a worker pool', () => {
  const asked = { by: 'ours', answer: 'average' } as const;
  const many = job('tiny-vgg', { params: { ...job('tiny-vgg').params, samples: 9, batch: 'auto' }, fixtures: {} });
  const averageOf = ({ answer }: Timed): HostTensor => {
    if (answer === null) throw new Error('no answer');
    return answer;
  };

  it('a pool is opened once, and gives the same bits as a run without it', async () => {
    const one = averageOf(await time({ ...asked, request: many, ...alone }));
    for (let i = 0; i < 2; i++) {
      const timed = await time({ ...asked, request: many, workers: 2 });
      expect(timed).toMatchObject({ leaked: 0 });
      expect(averageOf(timed)).toEqual(one);
    }
    expect(pools.map(({ size }) => size)).toEqual([2]);
  });

  it('another network closes the pool', async () => {
    await time({ ...asked, request: job('residual'), ...alone });
    await expect(
      pools[0]!.run({ method: 'saliency', x: many.x, target: many.target, params: {} }),
    ).rejects.toMatchObject({ code: 'process-crashed' });
  });
});

it.each([
  { name: 'pool-ceil', why: /ceil_mode/ },
  { name: 'relu6-depthwise', why: /4 groups/ },
  { name: 'no-such-network', why: /no-such-network/ },
])('stock TF.js on $name fails with the reason', async ({ name, why }) => {
  const before = tf.memory().numTensors;
  await expect(time({ request: job(name), by: 'stock', answer: null, ...alone })).rejects.toThrow(why);
  expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
});

it('counts multiply-adds: a convolution 3×3 from 1 to 2 maps and a linear layer, by hand', async () => {
  const { description } = readNetworkFolder(network('worked-conv-pool'));
  const [, height, width] = description.input.shape;
  const request = job('worked-conv-pool', { x: drawn([1, ...description.input.shape], 1), fixtures: {} });
  expect(await ask({ kind: 'multiply-adds', request })).toBe(byHand(description.modules, height, width));
});

it('multiplies matrices', async () => {
  expect(await ask({ kind: 'product', size: 64 })).toMatchObject({ leaked: 0, answer: null });
});

/** Of a chain of layers, from its attributes alone. */
function byHand(
  modules: ReturnType<typeof readNetworkFolder>['description']['modules'],
  height: number,
  width: number,
): number {
  let [h, w, sum] = [height, width, 0];
  for (const module of Object.values(modules)) {
    if (!('attributes' in module)) continue;
    const a = module.attributes as Record<string, never> & {
      kernelSize: number[];
      stride: number[];
      padding: number[];
      inChannels: number;
      outChannels: number;
      inFeatures: number;
      outFeatures: number;
    };
    if (a.kernelSize)
      [h, w] = [0, 1].map(
        (i) => Math.floor(([h, w][i]! + 2 * a.padding[i]! - a.kernelSize[i]!) / a.stride[i]!) + 1,
      ) as [number, number];
    if (module.type === 'Conv2d') sum += h * w * a.inChannels * a.outChannels * a.kernelSize[0]! * a.kernelSize[1]!;
    if (module.type === 'Linear') sum += a.inFeatures * a.outFeatures;
  }
  return sum;
}
