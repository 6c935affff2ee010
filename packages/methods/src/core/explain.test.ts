/**
 * One run gives what is asked for: the wanted stages, the logits and the target that the network's own answer decides.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { HostTensor } from '@touchstone/contract';
import { registerModuleForwardHook, type Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { findMethod, methods } from '../registry.js';
import { checkPostconditions, explain, type Explained, type Explanation, type ExplainOptions } from './explain.js';
import { likeliestOf, type AskedTarget } from './target.js';
import { smallNet, tensor } from './testing.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  network = smallNet();
});

const images = tensor(
  [2, 3, 5, 6],
  Array.from({ length: 180 }, (_, i) => Math.cos(1 + i * 2.3)),
);

const run = (id: string, target: AskedTarget, options?: ExplainOptions, params: object = {}): Promise<Explained> =>
  explain(findMethod(id), { network, x: images, target, params, fixtures: {} }, options);

/** The number of runs of the network. */
async function passes<T>(work: () => Promise<T>): Promise<{ result: T; count: number }> {
  let count = 0;
  const handle = registerModuleForwardHook((module) => void (count += module.path === '' ? 1 : 0));
  try {
    return { result: await work(), count };
  } finally {
    handle.remove();
  }
}

function likeliest({ shape, data }: HostTensor): number[] {
  return Array.from({ length: shape[0]! }, (_, n) => {
    const row = Array.from(data.subarray(n * shape[1]!, (n + 1) * shape[1]!));
    return row.indexOf(Math.max(...row));
  });
}

const onImages = methods
  .filter(({ id, without, params }) => id !== 't-sne' && without === undefined && params.safeParse({}).success)
  .map(({ id }) => id);

describe('the likeliest class of each image', () => {
  it.each(onImages)('%s: as if it had been named, and no tensor left', async (id) => {
    const params = id === 'smooth-grad' ? { samples: 3 } : id === 'fooling-image' ? { steps: 3 } : {};
    const before = tf.memory().numTensors;
    const found = await run(id, 'likeliest', { wantLogits: true }, params);
    expect(found.target).toEqual({ class: likeliest(found.logits!) });
    const named = await run(id, found.target!, { wantLogits: true }, params);
    expect(found).toEqual(named);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([
    ['grad-cam', 1],
    ['cam', 1],
    ['saliency', 1],
    ['guided-backprop', 1],
  ])('%s: the network runs %i time', async (id, expected) => {
    expect((await passes(() => run(id, 'likeliest', { wantLogits: true }))).count).toBe(expected);
  });

  it('of one image is one class, the first of equals', async () => {
    const x = { shape: [1, 3, 5, 6], data: new Float32Array(90) };
    const { target } = await explain(findMethod('grad-cam'), {
      network,
      x,
      target: 'likeliest',
      params: {},
      fixtures: {},
    });
    expect(target).toEqual({ class: expect.any(Number) as number });
  });

  it('a method that does not use the images receives their target', async () => {
    const params = { steps: 3, jitter: 0 };
    const found = await run('class-visualization', 'likeliest', { wantLogits: true }, params);
    expect(found.target).toEqual((await run('saliency', 'likeliest')).target);
    expect(found.stages).toEqual((await run('class-visualization', found.target!, {}, params)).stages);
  });

  it('… and not that of the image that it starts from', async () => {
    const lastLikely = { shape: [1, 3, 5, 6], data: new Float32Array(90).fill(-8) };
    const x = { shape: [1, 3, 5, 6], data: new Float32Array(90).fill(8) };
    const about = (id: string, image: HostTensor, fixtures: Record<string, HostTensor> = {}) => {
      const params = id === 'saliency' ? {} : { steps: 1, jitter: 0 };
      return explain(findMethod(id), { network, x: image, target: 'likeliest', params, fixtures });
    };
    const { target } = await about('saliency', x);
    expect((await about('saliency', lastLikely)).target).not.toEqual(target);
    expect((await about('class-visualization', x, { start: lastLikely })).target).toEqual(target);
  });

  it('a method without a target has none', async () => {
    expect(await run('activations', 'likeliest', { stages: ['attribution'] })).toMatchObject({ target: null });
  });
});

describe('what is read back', () => {
  it.each(methods.filter(({ makesImage }) => makesImage).map(({ id }) => id))(
    '%s: the logits are of the images that it makes',
    async (id) => {
      const { stages, logits } = await run(id, { class: 1 }, { wantLogits: true }, { steps: 3, compare: 1 });
      const { logits: seen } = await explain(
        findMethod('saliency'),
        { network, x: stages['attribution']!, target: { class: 1 }, params: {}, fixtures: {} },
        { wantLogits: true },
      );
      expect(logits).toEqual(seen);
    },
  );

  it('is every stage unless some are named', async () => {
    const whole = await run('grad-cam', { class: 1 });
    expect(Object.keys(whole.stages)).toContain('activations');
    expect(whole).not.toHaveProperty('logits');
    const some = await run('grad-cam', { class: 1 }, { stages: ['attribution'], wantLogits: true });
    expect(some).toEqual({
      stages: { attribution: whole.stages['attribution'] },
      logits: whole.stages['logits'],
      target: { class: 1 },
    });
  });

  it.each<[id: string, stages: string[], found: string[]]>([
    ['grad-cam', ['logits', 'attribution'], ['logits', 'attribution']],
    ['saliency', ['display', 'attribution'], ['attribution']],
    ['class-visualization', ['image-1'], ['image-1']],
    ['parameters', ['attribution', 'logits'], ['attribution']],
  ])('%s has of the stages %j those that it makes: %j', async (id, stages, found) => {
    const params = id === 'class-visualization' ? { steps: 1 } : {};
    const { stages: some, logits } = await run(id, { class: 1 }, { stages, wantLogits: true }, params);
    expect(Object.keys(some)).toEqual(found);
    const whole = await run(id === 'class-visualization' ? id : 'saliency', { class: 1 }, { wantLogits: true }, params);
    expect(logits).toEqual(whole.logits);
  });

  it('a stage that no method makes is refused, and the method’s own are named', async () => {
    await expect(run('saliency', { class: 1 }, { stages: ['atribution'] })).rejects.toMatchObject({
      code: 'unknown-name',
      message: expect.stringMatching(/stage.*atribution/) as string,
    });
  });

  it('for diagnosis only the compared steps are taken', async () => {
    const { stages } = await run('class-visualization', { class: 1 }, { sketch: [] }, { steps: 9, compare: 2 });
    expect(stages['attribution']).toEqual(stages['image-2']);
  });

  it('postconditions of a method that has none are an error', async () => {
    const given = { network, x: images, target: { class: 1 }, params: {}, fixtures: {} };
    await expect(checkPostconditions(findMethod('saliency'), given, {}, {})).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('saliency') as string,
    });
  });

  it.each<[name: string, given: Partial<Explanation>, code: string, message: RegExp]>([
    ['fewer values than its shape', { x: tensor([1, 3, 5, 6], [1, 2]) }, 'bad-tensors', /x has 2 values.*\[1,3,5,6\]/],
    ['a shape with fractions', { x: { ...images, shape: [1.5, 3, 5, 8] } }, 'bad-tensors', /x has 180 values/],
    ['no image', { x: tensor([0, 3, 5, 6], []) }, 'bad-input', /\[0,3,5,6\]/],
    ['three dimensions', { x: tensor([3, 5, 6], []) }, 'bad-input', /\[3,5,6\]/],
    ['NaN', { x: { ...images, data: images.data.map(() => NaN) } }, 'bad-tensors', /x has a value that is NaN/],
    ['too much for float32', { x: { ...images, data: new Float64Array(180).fill(1e39) } }, 'bad-tensors', /float32/],
    ['noise with ∞', { fixtures: { noise: tensor([1], [-Infinity]) } }, 'bad-tensors', /noise has a value/],
    ['noise of another size', { fixtures: { noise: tensor([2], [1]) } }, 'bad-tensors', /noise has 1 values/],
  ])('%s: an error that says so', async (_, given, code, message) => {
    const whole = { network, x: images, target: { class: 0 }, params: {}, fixtures: {}, ...given };
    await expect(explain(findMethod('saliency'), whole)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/^[A-Z].*\.$/) as string,
    });
  });

  it('the likeliest of very many classes', () => {
    const classes = 300_000;
    const data = Float32Array.from({ length: 2 * classes }, (_, i) => (i === 299_999 || i === 300_007 ? 2 : 1));
    expect(likeliestOf({ shape: [2, classes], data })).toEqual({ class: [299_999, 7] });
  });

  it('nothing stays on the backend where a method throws', async () => {
    const before = tf.memory().numTensors;
    await expect(run('grad-cam', { class: 99 }, { wantLogits: true })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(run('grad-cam', 'likeliest', {}, { layer: 'nowhere' })).rejects.toThrow(/nowhere/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
