import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HostTensor, Stages } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPostconditions, explain } from '../core/explain.js';
import type { RunControl } from '../core/method.js';
import { chain, leaf, stagesOf, tensor, twoMaps } from '../core/testing.js';
import { tsne } from './t-sne.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const points = 24;
/** Images of two pixels, in two heaps far apart: the first half and the second. */
const heaps = tensor(
  [points, 1, 1, 2],
  Array.from({ length: 2 * points }, (_, i) => Math.sin(i * i) + (i < points ? 0 : 40)),
);
/** The last linear layer is given the image itself. */
const network = () =>
  chain([1, 1, 2], { flat: leaf.flatten, head: leaf.linear(2, 2) }, { 'head.weight': tensor([2, 2], [1, 0, 0, 1]) });
const params = { perplexity: 5, rate: 10, steps: 400 };
const request = (
  changed: { x?: HostTensor; params?: object; fixtures?: Record<string, HostTensor>; control?: RunControl } = {},
) => ({ network: network(), x: heaps, target: { class: 0 }, params, fixtures: {}, ...changed });
const run = async (...changed: Parameters<typeof request>): Promise<Stages> =>
  (await explain(tsne, request(...changed))).stages;

it('keeps the heaps apart, in stages of these shapes', async () => {
  const stages = await run();
  expect(Object.entries(stages).map(([name, { shape }]) => `${name} ${shape.join('×')}`)).toEqual([
    'activations 24×2',
    'conditional 24×24',
    'joint 24×24',
    'gradient 24×2',
    'step 24×2',
    'embedding-1 24×2',
    'embedding-2 24×2',
    'embedding-3 24×2',
    'kl 1',
    'trustworthiness 1',
    'attribution 24×2',
  ]);
  expect(stages['activations']!.data).toEqual(heaps.data);
  const { data } = stages['attribution']!;
  const place = (i: number): [number, number] => [data[2 * i]!, data[2 * i + 1]!];
  const distance = (i: number, j: number) => Math.hypot(place(i)[0] - place(j)[0], place(i)[1] - place(j)[1]);
  for (let i = 0; i < points; i++) {
    const neighbour = Array.from({ length: points }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => distance(i, a) - distance(i, b))[0]!;
    expect(neighbour < points / 2).toBe(i < points / 2);
  }
  expect(stages['trustworthiness']!.data[0]).toBeGreaterThan(0.9);
});

it('gives the same bits again, and leaves no tensor', async () => {
  const given = request();
  const before = tf.memory().numTensors;
  const first = (await explain(tsne, given)).stages;
  expect(tf.memory().numTensors).toBe(before);
  expect((await explain(tsne, given)).stages).toEqual(first);
});

it('begins at the start of the fixtures; the gradient and its update are those at their embedding', async () => {
  const start = tensor(
    [points, 2],
    Array.from({ length: 2 * points }, (_, i) => Math.cos(i) / 1e4),
  );
  const embedding = tensor(
    [points, 2],
    Array.from({ length: 2 * points }, (_, i) => Math.cos(i)),
  );
  const still = tensor(
    [points, 2],
    Array.from({ length: 2 * points }, () => 0),
  );
  const [plain, stored, moving] = [
    await run(),
    await run({ fixtures: { start, embedding } }),
    await run({ fixtures: { start, embedding, update: embedding, gains: still } }),
  ];
  expect(stored['joint']).toEqual(plain['joint']);
  expect(stored['embedding-1']).not.toEqual(plain['embedding-1']);
  expect(stored['gradient']).not.toEqual(plain['gradient']);
  expect(moving['gradient']).toEqual(stored['gradient']);
  expect(moving['step']).not.toEqual(stored['step']);
  expect(moving['attribution']).toEqual(stored['attribution']);
});

describe('a run', () => {
  let whole: Stages;
  beforeAll(async () => {
    whole = await run();
  });

  it.each([1, 3, 120, 250, 251, 333, 399])('resumes from step %d with the same bits', async (stop) => {
    let kept: { step: number; state: Stages } | undefined;
    const interrupted = run({
      control: {
        onStep: async (done) => {
          if (done.step !== stop) return;
          kept = { step: done.step, state: await done.state() };
          throw new Error('interrupted');
        },
      },
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await run({ control: { from: kept! } })).toEqual(whole);
  });

  it('shows the points, and the divergence after the first check', async () => {
    const seen: { step: number; text: string; frame: HostTensor }[] = [];
    const { attribution } = await run({
      control: {
        onStep: async (done) => {
          if ([49, 50, 400].includes(done.step))
            seen.push({ step: done.step, text: done.text, frame: await done.frame() });
        },
      },
    });
    expect(seen.map(({ step, text }) => `${step}: ${text.replace(/[\d.]+/, '#')}`)).toEqual([
      '49: ',
      '50: KL #',
      '400: KL #',
    ]);
    expect(seen.at(-1)!.frame).toEqual(attribution);
  });
});

/** The number of the last step. */
async function lastStep(changed: Parameters<typeof request>[0]): Promise<number> {
  let last = 0;
  await run({ ...changed, control: { onStep: async ({ step }) => void (last = step) } });
  return last;
}

describe('ends', () => {
  it('after `steps`', async () => {
    expect(await lastStep({ params: { ...params, steps: 260 } })).toBe(260);
  });

  it('at the first check that finds no gradient: exploring at 50, settling at 100', async () => {
    const same = tensor(
      [points, 1, 1, 2],
      Array.from({ length: 2 * points }, () => 1),
    );
    const start = tensor(
      [points, 2],
      Array.from({ length: 2 * points }, () => 0),
    );
    expect(await lastStep({ x: same, params: { perplexity: 5 }, fixtures: { start } })).toBe(100);
  });

  it('when the divergence has not fallen for more than 300 steps', async () => {
    // A rate at which every step throws so few points too far.
    const last = await lastStep({ params: { perplexity: 10, rate: 50, steps: 2000 } });
    expect(last).toBeLessThan(2000);
    expect(last).toBeGreaterThanOrEqual(600);
    expect(last % 50).toBe(0);
  });
});

describe('postconditions', () => {
  let answer: Stages;
  beforeAll(async () => {
    answer = await run();
  });
  /** `by` changes what the reference reached. */
  const postconditionsOf = async (change: (stages: Stages) => Stages, by: { kl?: number; trust?: number } = {}) => {
    const [kl, trust] = [answer['kl']!.data[0]! * (by.kl ?? 1), answer['trustworthiness']!.data[0]! + (by.trust ?? 0)];
    const golden = { kl: tensor([1], [kl]), trustworthiness: tensor([1], [trust]) };
    return Object.fromEntries(
      (await checkPostconditions(tsne, request(), change(answer), golden)).map(({ name, holds }) => [name, holds]),
    );
  };
  const all = { probabilities: true, divergence: true, trustworthiness: true, honest: true };
  const flat = tensor(
    [points, 2],
    Array.from({ length: 2 * points }, (_, i) => Math.sin(i * 7.7)),
  );
  const changed = ({ shape, data }: HostTensor, by: (value: number) => number): HostTensor => ({
    shape,
    data: Float64Array.from(data, (value, i) => (i === 1 ? by(value) : value)),
  });

  it.each<{ name: string; change: (stages: Stages) => Stages; broken: Partial<typeof all> }>([
    { name: 'the answer itself', change: (stages) => stages, broken: {} },
    {
      name: 'an answer that says nothing of itself',
      change: ({ kl: _kl, trustworthiness: _trust, ...stages }) => stages,
      broken: {},
    },
    {
      name: 'points without order',
      change: (stages) => ({ ...stages, attribution: flat }),
      broken: { divergence: false, trustworthiness: false, honest: false },
    },
    {
      name: 'one probability',
      change: (stages) => ({ ...stages, conditional: changed(stages['conditional']!, (p) => p + 1e-5) }),
      broken: { probabilities: false },
    },
    {
      name: 'a joint probability that is no number',
      change: (stages) => ({ ...stages, joint: changed(stages['joint']!, () => NaN) }),
      broken: { probabilities: false },
    },
    {
      name: 'a divergence of another embedding',
      change: (stages) => ({ ...stages, kl: tensor([1], [stages['kl']!.data[0]! * 1.01]) }),
      broken: { honest: false },
    },
    {
      name: 'a divergence that is almost that of the embedding',
      change: (stages) => ({ ...stages, kl: tensor([1], [stages['kl']!.data[0]! * 1.0005]) }),
      broken: {},
    },
    {
      name: 'a trustworthiness of another embedding',
      change: (stages) => ({
        ...stages,
        trustworthiness: tensor([1], [stages['trustworthiness']!.data[0]! - 2e-3]),
      }),
      broken: { honest: false },
    },
    {
      name: 'no joint probabilities',
      change: ({ joint: _joint, ...stages }) => stages,
      broken: { probabilities: false },
    },
    {
      name: 'joint probabilities of fewer points',
      change: (stages) => ({ ...stages, joint: tensor([0, 0], []) }),
      broken: { probabilities: false },
    },
    {
      name: 'a probability that is off by what is allowed',
      change: (stages) => ({ ...stages, conditional: changed(stages['conditional']!, (p) => p + 1e-6) }),
      broken: {},
    },
  ])('$name', async ({ change, broken }) => {
    expect(await postconditionsOf(change)).toEqual({ ...all, ...broken });
  });

  it.each([
    { by: { kl: 1.019 }, broken: {} },
    { by: { kl: 0.982 }, broken: {} },
    { by: { kl: 1.03 }, broken: { divergence: false } },
    { by: { kl: 0.97 }, broken: { divergence: false } },
    { by: { trust: 9e-3 }, broken: {} },
    { by: { trust: 0.011 }, broken: { trustworthiness: false } },
    { by: { trust: -0.5 }, broken: {} },
  ])('where the reference is further by $by: $broken', async ({ by, broken }) => {
    expect(await postconditionsOf((stages) => stages, by)).toEqual({ ...all, ...broken });
  });
});

describe('takes what a layer gives', () => {
  const images = tensor(
    [70, 1, 2, 2],
    Array.from({ length: 280 }, (_, i) => Math.sin(i * i) * 3),
  );

  it.each([
    {
      layer: 'relu',
      expected: (x: number[]) => [...x.map((v) => Math.max(v, 0)), ...x.map((v) => Math.max(3 - v, 0))],
    },
    {
      layer: null,
      expected: (x: number[]) =>
        [x.map((v) => Math.max(v, 0)), x.map((v) => Math.max(3 - v, 0))].map((map) => map.reduce((a, b) => a + b) / 4),
    },
  ])('$layer: flattened as PyTorch does, of more images than pass at a time', async ({ layer, expected }) => {
    const { activations } = await stagesOf(tsne, twoMaps(), images, {
      params: { layer, perplexity: 5, steps: 250, compare: 1 },
    });
    const rows = Array.from({ length: 70 }, (_, i) =>
      expected(Array.from(images.data.subarray(4 * i, 4 * i + 4))),
    ).flat();
    expect(activations!.shape).toEqual([70, rows.length / 70]);
    rows.forEach((value, i) => expect(activations!.data[i]).toBeCloseTo(value, 5));
  });
});

it('a sketch is of the first image, though more pass later', async () => {
  const many = tensor(
    [70, 1, 1, 2],
    Array.from({ length: 140 }, (_, i) => Math.sin(i * i)),
  );
  const given = request({ x: many, params: { perplexity: 5, steps: 250 } });
  const { sketch } = await explain(tsne, given, {
    sketch: [{ module: 'flat', call: 0, shape: [2], indices: [0, 1], forward: 0, gradient: null }],
  });
  expect(sketch).toEqual([
    { forward: { shape: [2], data: Float64Array.from(many.data.subarray(0, 2)) }, gradient: null },
  ]);
});

describe('refuses', () => {
  it.each([
    {
      name: 'few images',
      changed: { x: tensor([10, 1, 1, 2], [...heaps.data.subarray(0, 20)]) },
      code: 'bad-input',
      message: 'x holds 10 images',
    },
    {
      name: 'a perplexity of all images',
      changed: { params: { perplexity: points } },
      code: 'bad-params',
      message: 'perplexity is 24',
    },
    {
      name: 'fewer steps than exploring takes',
      changed: { params: { perplexity: 5, steps: 249 } },
      code: 'bad-params',
      message: '"steps"',
    },
    {
      name: 'a layer that there is not',
      changed: { params: { perplexity: 5, layer: 'haed' } },
      code: 'unknown-name',
      message: 'haed',
    },
    {
      name: 'a start of another shape',
      changed: { fixtures: { start: tensor([2, 2], [1, 2, 3, 4]) } },
      code: 'bad-params',
      message: 'start has shape [2,2]',
    },
  ])('$name, and leaves no tensor', async ({ changed, code, message }) => {
    const given = request(changed);
    const before = tf.memory().numTensors;
    await expect(explain(tsne, given)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a network without a linear layer, where none is named', async () => {
    const flat = chain([1, 1, 2], { flat: leaf.flatten }, {});
    await expect(stagesOf(tsne, flat, heaps, { params })).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringContaining('no linear layer') as string,
    });
  });
});
