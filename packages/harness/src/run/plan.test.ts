import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openGolden } from '../golden/golden-store.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { distribute, planShard, type PlanOptions } from './plan.js';

const root = join(temporaryFolder(), 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const cases = [0, 1, 2, 3, 4, 5, 6].map(linearCase);
const options: PlanOptions = { cases, golden, choice: { backends: ['cpu'] }, deadlineMs: 1000 };

it.each([
  [
    'longest first',
    [1, 9, 2, 7, 3],
    2,
    [
      [1, 2],
      [0, 3, 4],
    ],
  ],
  [
    'ties by order',
    [1, 1, 1, 1],
    2,
    [
      [0, 2],
      [1, 3],
    ],
  ],
  ['one each', [5, 1, 1], 3, [[0], [1], [2]]],
  ['all to one', [1, 2], 1, [[0, 1]]],
])('%s', (_, seconds, shards, expected) => expect(distribute(seconds, shards)).toEqual(expected));

it('the shards are a partition in the order of the cases, of one plan', () => {
  const shards = [1, 2, 3].map((shard) => planShard(options, { shard, shards: 3 }));
  for (const { cases: own, part } of shards) {
    expect(own).toEqual(part.places.map((place) => cases[place]));
    expect(part.places).toEqual(part.places.toSorted((a, b) => a - b));
  }
  expect(shards.flatMap(({ part }) => part.places).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(new Set(shards.map(({ part }) => part.hash)).size).toBe(1);
});

it.each([
  ['other cases', { cases: cases.slice(1) }],
  ['another order', { cases: cases.toReversed() }],
  ['another backend', { choice: { backends: ['wasm'] } }],
  ['a port', { choice: { port: 'cmd:x' } }],
  ['another limit', { deadlineMs: 2000 }],
  ['a method that is named', { named: ['saliency'] }],
] as [string, Partial<PlanOptions>][])('%s is another plan', (_, change) => {
  const hashOf = (plan: PlanOptions): string => planShard(plan, { shard: 1, shards: 2 }).part.hash;
  expect(hashOf(Object.assign({}, options, change))).not.toBe(hashOf(options));
});

it('another number of shards is another plan, and more shards than cases are refused', () => {
  const [two, three] = [2, 3].map((shards) => planShard(options, { shard: 1, shards }).part.hash);
  expect(two).not.toBe(three);
  expect(() => planShard(options, { shard: 1, shards: 8 })).toThrow(/only 7 cases are selected/);
});
