/**
 * Recording and replaying on one backend changes nothing; a forced side changes the gradient, and is reported with its
 * distance.
 */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { explain, type Explanation } from './explain.js';
import { recordSwitchPoints, type SwitchPoints } from './switch-points.js';
import { findMethod } from '../registry.js';
import { chain, leaf, smallNet, tensor } from './testing.js';

beforeAll(() => tf.setBackend('cpu'));

const saliency = findMethod('saliency');
const about = (network: Explanation['network'], x: Explanation['x']): Explanation => ({
  network,
  x,
  target: { class: 0 },
  params: { reduce: 'none' },
  fixtures: {},
});
const record = async (explanation: Explanation): Promise<SwitchPoints> =>
  (await explain(saliency, explanation, { switchPoints: { record: 'decisions' } })).switchPoints!;

/** f = 2·max of the left column + 3·max of the right one, behind a ReLU. */
const reluThenPool = () =>
  chain(
    [1, 3, 2],
    { relu: leaf.relu, pool: leaf.maxPool(3, 1), flat: leaf.flatten, head: leaf.linear(2, 1) },
    { 'head.weight': tensor([1, 2], [2, 3]) },
  );
const headOfOnes = { 'head.weight': tensor([1, 2], [1, 1]) };
const image = tensor([1, 1, 3, 2], [1, 4, -0.5, 2, 0.25, 3.5]);

describe('switchPoints', () => {
  it('that are replayed where they were recorded change nothing, and leave no tensor', async () => {
    const explanation = about(
      smallNet(),
      tensor(
        [2, 3, 5, 6],
        Array.from({ length: 180 }, (_, i) => Math.cos(i * 2.3)),
      ),
    );
    const right = (await explain(saliency, explanation)).stages;
    const before = tf.memory().numTensors;
    const switchPoints = await record(explanation);
    expect(switchPoints.relus.length).toBeGreaterThan(0);
    expect(await explain(saliency, explanation, { switchPoints: { replay: switchPoints } })).toEqual({
      stages: right,
      target: explanation.target,
      difference: { flipped: 0, furthest: 0 },
    });
    const { relus, pools } = switchPoints;
    const [mask] = relus;
    for (const another of [
      { relus: relus.slice(1) },
      { relus: [...relus, ...relus] },
      { pools: pools.slice(1) },
      { pools: [...pools, ...pools] },
      { relus: [{ ...mask!, shape: [mask!.data.length] }] },
      { relus: [{ ...mask!, shape: mask!.shape.with(1, mask!.shape[2]!).with(2, mask!.shape[1]!) }] },
      { relus: [{ ...mask!, shape: [...mask!.shape, 1] }] },
    ])
      await expect(
        explain(saliency, explanation, { switchPoints: { replay: { ...switchPoints, ...another } } }),
      ).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('belong to another run') });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are the masks of the ReLUs and the values of the pools, in NHWC', async () => {
    const { relus, pools } = await record(about(reluThenPool(), image));
    expect(relus).toEqual([{ shape: [1, 3, 2, 1], data: Uint8Array.of(1, 1, 0, 1, 1, 1) }]);
    expect(pools).toEqual([{ x: tensor([1, 3, 2, 1], [1, 4, 0, 2, 0.25, 3.5]), y: tensor([1, 1, 2, 1], [1, 4]) }]);
  });

  it.each([
    ['a ReLU', [0, 1, 0, 1, 1, 1], [1, 4, 0, 2, 0.25, 3.5], [0, 3, 0, 0, 0, 0], { flipped: 1, furthest: 1 / 4 }],
    ['a pool', [1, 1, 0, 1, 1, 1], [1, 3, 0, 2, 0.25, 4], [2, 0, 0, 0, 0, 3], { flipped: 1, furthest: 0.5 / 4 }],
    [
      'a pool, whose maximum is none of its values',
      [1, 1, 0, 1, 1, 1],
      [1, 3, 0, 2, 0.25, 3],
      [2, 0, 0, 0, 0, 3],
      { flipped: 1, furthest: Infinity },
    ],
  ])('of %s are forced', async (_, mask, values, gradient, difference) => {
    const switchPoints: SwitchPoints = {
      relus: [{ shape: [1, 3, 2, 1], data: Uint8Array.from(mask) }],
      pools: [{ x: tensor([1, 3, 2, 1], values), y: tensor([1, 1, 2, 1], [1, 4]) }],
    };
    const explained = await explain(saliency, about(reluThenPool(), image), { switchPoints: { replay: switchPoints } });
    expect(explained.difference).toEqual(difference);
    expect(Array.from(explained.stages['gradient']!.data, (value) => value + 0)).toEqual(gradient);
  });

  it.each([
    // The masks of 7 and 5.5 are 1 and 1 for a ReLU, 0 and 1 for a ReLU6.
    ['a ReLU, which has none at 6', leaf.relu, [0, 1], 7],
    ['a ReLU6, next to 6', { ...leaf.relu, type: 'ReLU6' }, [0, 0], 0.5],
    ['a ReLU6, above 6', { ...leaf.relu, type: 'ReLU6' }, [1, 1], 1],
  ])('of %s are as far as their distance from it', async (_, clip, mask, distance) => {
    const network = chain([1, 1, 2], { clip, flat: leaf.flatten, head: leaf.linear(2, 1) }, headOfOnes);
    const replay = { relus: [{ shape: [1, 1, 2, 1], data: Uint8Array.from(mask) }], pools: [] };
    const given = about(network, tensor([1, 1, 1, 2], [7, 5.5]));
    const { difference } = await explain(saliency, given, { switchPoints: { replay } });
    expect(difference!.flipped).toBe(1);
    expect(difference!.furthest).toBeCloseTo(distance / 7, 6);
  });

  it('agree where all values are 0', async () => {
    const zeros = about(reluThenPool(), tensor([1, 1, 3, 2], [0, 0, 0, 0, 0, 0]));
    const replay = await record(zeros);
    expect((await explain(saliency, zeros, { switchPoints: { replay } })).difference).toEqual({
      flipped: 0,
      furthest: 0,
    });
  });

  it('are recorded for up to 2²⁵ units', () => {
    const { rules, stop } = recordSwitchPoints();
    const ofSize = (size: number) => ({ size, clone: () => tf.zeros([1]) }) as unknown as tf.Tensor;
    rules.atRelu!(ofSize(2 ** 25), ofSize(0));
    expect(() => rules.atRelu!(ofSize(1), ofSize(0))).toThrow(expect.objectContaining({ code: 'unsupported' }));
    stop();
  });
});
