/** What holds for every method. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { compareTensors, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain } from './core/explain.js';
import type { Method } from './core/method.js';
import { findMethod, methods } from './registry.js';
import { smallNet, tensor } from './core/testing.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  network = smallNet();
});

const batch = 3;
const size = 3 * 5 * 6;
const numbers = (count: number, seed: number) => Array.from({ length: count }, (_, i) => Math.cos(seed + i * 2.3));
const x = tensor([batch, 3, 5, 6], numbers(batch * size, 1));
const samples = 2;
const noise = tensor([samples, batch, 3, 5, 6], numbers(samples * batch * size, 9));

/** Image i alone. */
const inputOf = (i: number): HostTensor => tensor([1, 3, 5, 6], Array.from(x.data.subarray(i * size, (i + 1) * size)));
const noiseOf = (i: number): HostTensor =>
  tensor(
    [samples, 1, 3, 5, 6],
    Array.from({ length: samples }, (_, s) =>
      Array.from(noise.data.subarray((s * batch + i) * size, (s * batch + i + 1) * size)),
    ).flat(),
  );

/** Methods that explain each image by itself without a parameter; where one takes noise, it is given. */
const plain = methods
  .filter(
    ({ declares, params, without = [] }) =>
      declares.perImage && !without.includes('image') && params.safeParse({}).success,
  )
  .map((method) => ({ id: method.id, method }));
const takesWeights = ({ declares }: Method): boolean => declares.targets !== 'class';
/** Whether a stage is declared; "path …" matches any name. */
const isDeclared = ({ stages }: Method, name: string): boolean =>
  Object.keys(stages).some((known) =>
    known.endsWith(' …') ? known === 'path …' || /^\d+$/.test(name.slice(name.lastIndexOf('-') + 1)) : known === name,
  );

describe.each(plain)('$id', ({ method }) => {
  const takesNoise = method.fixtures.includes('noise');
  const request = (changed: { x?: HostTensor; target?: Target; params?: object; noise?: HostTensor } = {}) => ({
    network,
    x: changed.x ?? x,
    target: changed.target ?? { class: 1 },
    params: { ...(takesNoise ? { samples } : {}), ...changed.params },
    fixtures: takesNoise ? { noise: changed.noise ?? noise } : {},
  });
  const run = async (...changed: Parameters<typeof request>): Promise<Stages> =>
    (await explain(method, request(...changed))).stages;

  it('ends in an attribution, and every stage has a row per image', async () => {
    const stages = await run();
    expect(Object.keys(stages).at(-1)).toBe('attribution');
    const undeclared = Object.keys(stages).filter((name) => !isDeclared(method, name));
    expect(undeclared, `add these to "stages" in ${method.id}/${method.id}.ts`).toEqual([]);
    expect(stages['logits']!.shape).toEqual([batch, 3]);
    for (const { shape, data } of Object.values(stages)) {
      expect(shape[0]).toBe(batch);
      expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  it('leaves no tensor, and gives the same answer twice', async () => {
    const before = tf.memory().numTensors;
    const first = await run();
    expect(tf.memory().numTensors).toBe(before);
    expect(await run()).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<{ name: string; changed: Parameters<typeof request>[0]; code: string }>([
    { name: 'an image of another size', changed: { x: tensor([1, 1, 5, 6], numbers(30, 1)) }, code: 'bad-input' },
    { name: 'no image', changed: { x: tensor([0, 3, 5, 6], []) }, code: 'bad-input' },
    { name: 'an image without a batch', changed: { x: tensor([3, 5, 6], numbers(90, 1)) }, code: 'bad-input' },
    {
      name: 'an image that the network does not fit',
      changed: { x: tensor([1, 3, 1, 1], [1, 2, 3]), noise: tensor([samples, 1, 3, 1, 1], numbers(6, 1)) },
      code: 'bad-input',
    },
    { name: 'a parameter that there is not', changed: { params: { colour: 1 } }, code: 'bad-params' },
  ])('refuses $name, leaves no tensor, and answers the next request as before', async ({ changed, code }) => {
    const good = await run();
    const before = tf.memory().numTensors;
    await expect(run(changed)).rejects.toMatchObject({ code });
    expect(tf.memory().numTensors).toBe(before);
    expect(await run()).toEqual(good);
  });

  it('names a parameter that does not exist', async () => {
    await expect(run({ params: { colour: 1 } })).rejects.toMatchObject({
      message: expect.stringMatching(new RegExp(`${method.id}.*colour`)) as string,
    });
  });

  it('batch = singles', async () => {
    const classes = [2, 0, 1];
    const together = await run({ target: { class: classes } });
    for (let i = 0; i < batch; i++) {
      const alone = await run({ x: inputOf(i), target: { class: classes[i]! }, noise: noiseOf(i) });
      expect(Object.keys(alone)).toEqual(Object.keys(together));
      for (const [name, stage] of Object.entries(alone)) {
        const { length } = stage.data;
        const row = { shape: stage.shape, data: together[name]!.data.slice(i * length, (i + 1) * length) };
        expect(compareTensors(row, stage).e2, `stage ${name} of image ${i}`).toBeLessThan(1e-5);
      }
    }
  });

  it.runIf(takesWeights(method))('one-hot weights are the class index, bit for bit', async () => {
    expect(await run({ target: { weights: [0, 0, 1] } })).toEqual(await run({ target: { class: 2 } }));
  });
});

const targeted = plain.filter(({ method }) => !method.without?.includes('target'));
describe.each(targeted)('$id asks for a target that the network has', ({ method }) => {
  const wrong: { target: Target; message: string }[] = [
    { target: { class: 3 }, message: 'is class 3; the network has classes 0 to 2' },
    { target: { class: [0, 1] }, message: 'names 2 classes for 3 images' },
    { target: { class: [0, 1, 7] }, message: 'is class 7' },
    ...(takesWeights(method)
      ? [{ target: { weights: [1, 2] }, message: 'has 2 weights; the network has 3 outputs' }]
      : []),
  ];
  it.each(wrong)('$target', async ({ target, message }) => {
    const before = tf.memory().numTensors;
    const request = { network, x, target, params: {}, fixtures: {} };
    await expect(explain(method, request)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(message) as string,
      hint: expect.any(String) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.each<{ id: string; params: object; field: string }>([
  { id: 'saliency', params: { reduce: 'max' }, field: '"reduce"' },
  { id: 'saliency', params: { reduce: 1 }, field: '"reduce"' },
  { id: 'deconv', params: { reduce: 'abs' }, field: '"reduce"' },
  { id: 'guided-backprop', params: { reduce: null }, field: '"reduce"' },
  { id: 'cam', params: { layer: 3 }, field: '"layer"' },
  { id: 'cam', params: { linear: [] }, field: '"linear"' },
  { id: 'grad-cam', params: { layer: ['relu'] }, field: '"layer"' },
  { id: 'activations', params: { layers: [1] }, field: '"layers[0]"' },
])('$id refuses $params, naming $field', async ({ id, params, field }) => {
  const request = { network, x, target: { class: 0 }, params, fixtures: {} };
  await expect(explain(findMethod(id), request)).rejects.toMatchObject({
    code: 'bad-params',
    message: expect.stringContaining(field) as string,
  });
});
