import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { findMethod } from '../registry.js';
import { explain, type Explanation, type ExplainOptions } from './explain.js';
import { smallNet, tensor } from './testing.js';
import type { WorkerPool, WorkItem } from './worker-pool.js';

let network: Network;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
  network = smallNet();
});

const images = (count: number) =>
  tensor(
    [count, 3, 5, 6],
    Array.from({ length: count * 90 }, (_, i) => Math.cos(1 + i * 2.3)),
  );

/** Workers that take turns on this backend, and what each was given. */
function poolOf(size: number): WorkerPool & { readonly items: WorkItem[] } {
  const items: WorkItem[] = [];
  let before: Promise<unknown> = Promise.resolve();
  const answer = async ({ method, stages, ...given }: WorkItem) =>
    (await explain(findMethod(method), { network, fixtures: {}, ...given }, { stages })).stages;
  const run: WorkerPool['run'] = (item) => {
    items.push(item);
    const next = before.then(() => answer(item));
    before = next.catch(() => undefined);
    return next;
  };
  return { size, network: network.description, items, run };
}

const about = (given: Partial<Explanation>, options?: ExplainOptions, id = 'saliency') =>
  explain(findMethod(id), { network, x: images(5), target: { class: 1 }, params: {}, fixtures: {}, ...given }, options);

describe('a batch of 5 images', () => {
  it.each([
    { size: 2, parts: [3, 2] },
    { size: 3, parts: [2, 2, 1] },
    { size: 4, parts: [2, 2, 1] },
    { size: 9, parts: [1, 1, 1, 1, 1] },
  ])('has the same answer from $size workers, in parts of $parts', async ({ size, parts }) => {
    const pool = poolOf(size);
    const target = { class: [2, 0, 1, 1, 2] };
    expect(await about({ pool, target })).toEqual(await about({ target }));
    expect(pool.items.map(({ x }) => x.shape[0])).toEqual(parts);
    expect(pool.items.map((item) => item.target)).toEqual(
      parts.map((count, i) => {
        const from = parts.slice(0, i).reduce((sum, part) => sum + part, 0);
        return { class: target.class.slice(from, from + count) };
      }),
    );
  });

  it('keeps a target that is for every image, and asks for the wanted stages and the logits', async () => {
    const pool = poolOf(2);
    const options = { stages: ['attribution'], wantLogits: true };
    expect(await about({ pool, target: 'likeliest' }, options)).toEqual(await about({ target: 'likeliest' }, options));
    for (const item of pool.items)
      expect(item).toMatchObject({ method: 'saliency', target: 'likeliest', stages: ['attribution', 'logits'] });
    const weights = { weights: [1, 0, -1] };
    await about({ pool, target: weights });
    expect(pool.items.at(-1)!.target).toEqual(weights);
  });

  it.each<[string, Partial<Explanation>, ExplainOptions, string]>([
    ['one image', { x: images(1) }, {}, 'saliency'],
    ['a sketch', {}, { sketch: [] }, 'saliency'],
    ['switch points', {}, { switchPoints: { record: 'decisions' } }, 'saliency'],
    ['a method whose images are not independent', { params: { layer: 'conv' } }, {}, 'parameters'],
  ])('is not shared for %s', async (_, given, options, id) => {
    const pool = poolOf(2);
    await about({ ...given, pool }, options, id);
    expect(pool.items).toEqual([]);
  });

  it('fails with the error of one part, after all parts have ended', async () => {
    const pool = poolOf(3);
    const ended: number[] = [];
    let given = 0;
    const run: WorkerPool['run'] = async (item) => {
      const part = given++;
      if (part === 1) throw new Error('the second part');
      const stages = await pool.run(item);
      ended.push(part);
      return stages;
    };
    await expect(about({ pool: { ...pool, run } })).rejects.toThrow('the second part');
    expect(ended).toEqual([0, 2]);
  });

  it('is refused where the pool has another network', async () => {
    const other = smallNet();
    const pool = { ...poolOf(2), network: other.description };
    await expect(about({ pool })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('test') as string,
      hint: expect.stringMatching(/^[A-Z].*\.$/) as string,
    });
    other.dispose();
  });
});
