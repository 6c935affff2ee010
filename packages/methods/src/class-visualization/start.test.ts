/** No golden holds a drawn start or jitter: they are judged here. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { tensor } from '../core/testing.js';
import { offsetsOf, startOf } from './start.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

it.each([0, 1, 3])('a drawn jitter is of whole pixels, every one from −%i on as often', (jitter) => {
  const steps = 4000;
  const offsets = offsetsOf({}, { steps, jitter, seed: 1 });
  for (const axis of [0, 1]) {
    const counts = new Map<number, number>();
    for (let step = 0; step < steps; step++) {
      const offset = offsets(step)[axis]!;
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
    }
    const places = Array.from({ length: 2 * jitter + 1 }, (_, i) => i - jitter);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(places);
    for (const count of counts.values()) expect((count * places.length) / steps).toBeCloseTo(1, 0.5);
  }
  expect(offsets(0)).toEqual(offsetsOf({}, { steps: 1, jitter, seed: 1 })(0));
});

it('a stored jitter is that of each step', () => {
  const offsets = offsetsOf({ jitter: tensor([3, 2], [0, 1, -2, 2, 1, 0]) }, { steps: 2, jitter: 2, seed: 0 });
  expect([0, 1].map(offsets)).toEqual([
    [0, 1],
    [-2, 2],
  ]);
});

it.each([
  { shape: [4], values: [0, 0, 0, 0], message: 'jitter has shape [4]' },
  { shape: [1, 2], values: [0, 0], message: 'jitter has shape [1,2]' },
  { shape: [2, 3], values: [0, 0, 0, 0, 0, 0], message: 'jitter has shape [2,3]' },
  { shape: [2, 2], values: [0, 0, 0, -3], message: 'not integers from −2 to 2' },
  { shape: [2, 2], values: [0, 0.5, 0, 0], message: 'not integers from −2 to 2' },
])('refuses a jitter of $shape, $values', ({ shape, values, message }) => {
  expect(() => offsetsOf({ jitter: tensor(shape, values) }, { steps: 2, jitter: 2, seed: 0 })).toThrow(message);
});

it('a drawn start is even, of standard deviation 1, and depends on the seed', () => {
  const x = tf.zeros([2, 30, 20, 3]) as tf.Tensor4D;
  const start = startOf({}, x, 1);
  expect(start.shape).toEqual(x.shape);
  const found = Array.from(start.dataSync());
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value) / of.length;
  expect(Math.abs(mean(found))).toBeLessThan(0.05);
  expect(mean(found.map((value) => value ** 2))).toBeCloseTo(1, 1);
  expect(Math.max(...found)).toBeCloseTo(Math.sqrt(3), 2);
  expect(Array.from(startOf({}, x, 1).dataSync())).toEqual(found);
  expect(Array.from(startOf({}, x, 2).dataSync())).not.toEqual(found);
});
