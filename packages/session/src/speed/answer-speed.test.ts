/** What benchmarks ask of a host, on cpu in this process. */
import { fileURLToPath } from 'node:url';
import { findBackend, registerStockGradients } from '@touchstone/backends';
import { compareTensors, type HostTensor } from '@touchstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNetworkFolder } from '../network-folder.js';
import type { Reply, SpeedRequest } from '../protocol.js';
import type { ExplainRequest } from '../request.js';
import { serveBackend } from '../served-backend.js';
import type { Ready } from '../served.js';
import { openWorkerPool, type OpenWorkerPool } from '../worker-pool/worker-pool.js';
import { answerSpeed } from './answer-speed.js';

const network = (name: string): string =>
  fileURLToPath(new URL(`../../../../golden/networks/${name}`, import.meta.url));
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

const alone = { engines: 1 } as const;
let served: Ready;
let registered = 0;
const teams: OpenWorkerPool[] = [];
const ask = (request: SpeedRequest): Promise<Reply> =>
  answerSpeed(served, request, {
    memory: { forget: () => undefined, peak: () => 7 },
    processorMilliseconds: () => null,
    openWorkerPool: async (joined) => {
      teams.push(await openWorkerPool(joined));
      return teams.at(-1)!;
    },
    register: () => {
      registered++;
      registerStockGradients();
    },
  });

beforeAll(async () => {
  served = (await serveBackend(findBackend('cpu'), async (folder) => readNetworkFolder(folder))) as Ready;
});

afterAll(() => Promise.all(teams.map((pool) => pool.close())));

describe('the same job by ours and by stock TF.js', () => {
  it.each(['tiny-vgg', 'residual', 'dense-concat', 'batch-norm', 'efficientnet-lite0'])(
    '%s: the same average, nothing left behind',
    async (name) => {
      const averages: HostTensor[] = [];
      for (const by of ['ours', 'stock', 'ours', 'stock'] as const) {
        const reply = await ask({ kind: 'time', seq: 1, job: job(name), by, answer: 'average', ...alone });
        expect(reply).toMatchObject({ kind: 'timed', leaked: 0, peakBytes: 7, processorMilliseconds: null });
        if (reply.kind !== 'timed' || reply.answer === null) throw new Error('no answer');
        expect(reply.milliseconds).toBeGreaterThan(0);
        averages.push(reply.answer);
      }
      expect(Math.max(...averages[0]!.data.map(Math.abs))).toBeGreaterThan(0);
      for (const other of averages.slice(1)) expect(compareTensors(other, averages[0]!).e2).toBeLessThan(1e-5);
    },
  );

  it('TF.js is asked for its gradients only where they are wanted', async () => {
    const before = registered;
    await ask({ kind: 'time', seq: 1, job: job('tiny-vgg'), by: 'ours', answer: null, ...alone });
    expect(registered).toBe(before);
  });

  it('no answer is sent that nobody asked for', async () => {
    expect(await ask({ kind: 'time', seq: 2, job: job('tiny-vgg'), by: 'ours', answer: null, ...alone })).toMatchObject(
      { seq: 2, answer: null },
    );
  });
});

describe('our method with help', () => {
  const asked = { kind: 'time', seq: 6, by: 'ours', answer: 'average' } as const;
  const many = job('tiny-vgg', { params: { ...job('tiny-vgg').params, samples: 9, batch: 'auto' }, fixtures: {} });
  const averageOf = (reply: Reply): HostTensor => {
    if (reply.kind !== 'timed' || reply.answer === null) throw new Error('no answer');
    return reply.answer;
  };

  it('a pool is opened once, and gives the bits of one engine', async () => {
    const one = averageOf(await ask({ ...asked, job: many, ...alone }));
    for (let i = 0; i < 2; i++) {
      const reply = await ask({ ...asked, job: many, engines: 2 });
      expect(reply).toMatchObject({ kind: 'timed', leaked: 0 });
      expect(averageOf(reply)).toEqual(one);
    }
    expect(teams.map(({ size }) => size)).toEqual([2]);
  });

  it('another network closes the team', async () => {
    await ask({ ...asked, job: job('residual'), ...alone });
    await expect(
      teams[0]!.run({ method: 'saliency', x: many.x, target: many.target, params: {} }),
    ).rejects.toMatchObject({ code: 'process-crashed' });
  });
});

it.each([
  { name: 'pool-ceil', why: /ceil_mode/ },
  { name: 'relu6-depthwise', why: /4 groups/ },
  { name: 'no-such-network', why: /no-such-network/ },
])('stock TF.js on $name: says why not', async ({ name, why }) => {
  expect(await ask({ kind: 'time', seq: 3, job: job(name), by: 'stock', answer: null, ...alone })).toMatchObject({
    kind: 'threw',
    seq: 3,
    message: expect.stringMatching(why) as string,
    leaked: 0,
  });
});

it('counts multiply-adds: a convolution 3×3 from 1 to 2 maps and a linear layer, by hand', async () => {
  const { description } = readNetworkFolder(network('worked-conv-pool'));
  const [, height, width] = description.input.shape;
  const reply = await ask({
    kind: 'multiply-adds',
    seq: 4,
    job: job('worked-conv-pool', { x: drawn([1, ...description.input.shape], 1), fixtures: {} }),
  });
  expect(reply).toMatchObject({ kind: 'counted', seq: 4 });
  if (reply.kind !== 'counted') throw new Error('not counted');
  expect(reply.multiplyAdds).toBe(byHand(description.modules, height, width));
});

it('multiplies matrices', async () => {
  expect(await ask({ kind: 'product', seq: 5, size: 64 })).toMatchObject({ kind: 'timed', leaked: 0, answer: null });
});

/** Of a plain chain, from its attributes alone. */
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
