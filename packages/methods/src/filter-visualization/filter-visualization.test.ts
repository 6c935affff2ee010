import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { smallNet, stagesOf, tensor } from '../core/testing.js';
import { filterVisualization } from './filter-visualization.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const x = tensor(
  [1, 3, 5, 6],
  Array.from({ length: 90 }, () => 0),
);
const params = { layer: 'mix', filter: 1, size: 9, octaves: 4, steps: 6, rate: 0.05 };

it('grows by the whole part of scale, and the filter’s mean with it', async () => {
  const stages = await stagesOf(filterVisualization, smallNet(), x, { params });
  expect(Object.keys(stages)).toEqual([
    'activation',
    'gradient',
    'image-1',
    'image-2',
    'image-3',
    'enlarged',
    'attribution',
  ]);
  expect(stages['image-1']!.shape).toEqual([1, 3, 9, 9]);
  expect(stages['enlarged']!.shape).toEqual([1, 3, 10, 10]);
  expect(stages['attribution']!.shape).toEqual([1, 3, 14, 14]); // 9, 10, 12, 14
  const again = await stagesOf(filterVisualization, smallNet(), x, {
    params,
    fixtures: { start: stages['attribution']! },
  });
  expect(again['activation']!.data[0]).toBeGreaterThan(stages['activation']!.data[0]!);
});

it('the first step is the rate times the gradient’s sign', async () => {
  const { gradient, 'image-1': first } = await stagesOf(filterVisualization, smallNet(), x, {
    params: { ...params, decay: 0 },
    fixtures: {
      start: tensor(
        [1, 3, 3, 4],
        Array.from({ length: 36 }, (_, i) => Math.sin(i)),
      ),
    },
  });
  const start = Array.from({ length: 36 }, (_, i) => Math.sin(i));
  for (const [i, g] of gradient!.data.entries())
    if (Math.abs(g) > 1e-4) expect(first!.data[i]! - start[i]!).toBeCloseTo(-0.05 * Math.sign(g), 4);
});

it('begins with pixels from 150 to 179, whole numbers', async () => {
  const { 'image-1': first, gradient } = await stagesOf(filterVisualization, smallNet(), x, {
    params: { ...params, rate: 1e-12, octaves: 1, steps: 1, compare: 1 },
  });
  const { mean, std } = { mean: [120, 110, 100], std: [60, 70, 80] };
  const pixels = Array.from(first!.data, (value, i) => value * std[Math.floor(i / 81)]! + mean[Math.floor(i / 81)]!);
  expect(gradient!.shape).toEqual([1, 3, 9, 9]);
  expect(Math.min(...pixels)).toBeGreaterThan(149.99);
  expect(Math.max(...pixels)).toBeLessThan(179.01);
  expect(pixels.every((pixel) => Math.abs(pixel - Math.round(pixel)) < 1e-3)).toBe(true);
});

it.each([
  { what: 'a filter that the layer has not', change: { filter: 3 }, message: 'filters 0 to 2' },
  { what: 'a layer without maps', change: { layer: 'head' }, message: 'feature maps' },
  { what: 'an unknown layer', change: { layer: 'mixed' }, message: '"mixed"' },
])('refuses $what', async ({ change, message }) => {
  const size = 'layer' in change ? { size: 5 } : {};
  await expect(
    stagesOf(filterVisualization, smallNet(), x, { params: { ...params, ...size, ...change } }),
  ).rejects.toThrow(message);
});
