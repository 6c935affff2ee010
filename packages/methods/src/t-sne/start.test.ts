/** No golden holds a drawn start: it is judged here. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { tensor } from '../core/testing.js';
import { storedMotion, storedStart } from './start.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const values = (points: tf.Tensor): number[] => Array.from(points.dataSync());
const scaled = (by: number) => tensor([3, 2], [by, 2 * by, 3 * by, 4 * by, 5 * by, 6 * by]);

it('a drawn start is even, of standard deviation 1e-4, and depends on the seed', () => {
  const start = storedStart({}, 2000, 1);
  expect(start.shape).toEqual([2000, 2]);
  const found = values(start);
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value) / of.length;
  expect(Math.abs(mean(found))).toBeLessThan(5e-6);
  expect(Math.sqrt(mean(found.map((value) => value ** 2))) / 1e-4).toBeCloseTo(1, 1);
  expect(Math.max(...found) / 1e-4).toBeCloseTo(Math.sqrt(3), 2);
  expect(values(storedStart({}, 2000, 1))).toEqual(found);
  expect(values(storedStart({}, 2000, 2))).not.toEqual(found);
});

const all = (value: number) =>
  tensor(
    [3, 2],
    Array.from({ length: 6 }, () => value),
  );

it.each([
  { stored: { start: scaled(1) }, expected: [scaled(1), all(0), all(1)] },
  { stored: { start: scaled(1), embedding: scaled(2) }, expected: [scaled(2), all(0), all(1)] },
  { stored: { embedding: scaled(2), update: scaled(3) }, expected: [scaled(2), scaled(3), all(1)] },
  { stored: { embedding: scaled(2), gains: scaled(4) }, expected: [scaled(2), all(0), scaled(4)] },
])('stored are the motion’s parts of $stored, the others are at rest', ({ stored, expected }) => {
  const { embedding, update, gains } = storedMotion(stored, 3, 0);
  expect([embedding, update, gains].map(values)).toEqual(expected.map(({ data }) => Array.from(data)));
});

it('without anything stored the motion begins at the drawn start', () => {
  expect(values(storedMotion({}, 3, 7).embedding)).toEqual(values(storedStart({}, 3, 7)));
});

it.each(['start', 'embedding', 'update', 'gains'])('refuses stored %s of other points', (name) => {
  expect(() => storedMotion({ [name]: tensor([2, 2], [1, 2, 3, 4]) }, 3, 0)).toThrow(
    `${name} has shape [2,2], expected [N,2] = [3,2]`,
  );
});
