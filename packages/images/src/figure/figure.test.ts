import type { HostTensor, NetworkDescription } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { blank } from './canvas.js';
import { drawFigure, drawSheet } from './figure.js';
import { isScaledDown, type Explanation, type Subject } from './panel.js';

const network: NetworkDescription = {
  format: 'touchstone-network',
  version: 1,
  name: 'n',
  why: '',
  input: { shape: [3, 8, 8] },
  modules: {},
  preprocess: { resize: 8, crop: [8, 8], mean: [0, 0, 0], std: [1, 1, 1] },
};
const tensor = (...shape: number[]): HostTensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => ((i * 37) % 11) - 3) };
};
const subject = (width: number, height: number): Subject & { isGiven: boolean } => ({
  x: tensor(1, 3, 8, 8),
  fixtures: {},
  photo: blank({ width, height }),
  network,
  isGiven: true,
});
const explanation = (style: Explanation['style'] = 'heatmap', attribution = tensor(1, 1, 8, 8)): Explanation => ({
  method: 'm',
  style,
  stages: { attribution },
  title: 'M',
  notes: ['layer 1'],
});
const heading = { title: 'cat (class 3)', lines: ['logit 1'] };
const bare = { overlay: true, legend: false };
const full = { overlay: true, legend: true };

test.each([
  [1, 1],
  [300, 7],
  [7, 300],
  [640, 480],
])('over a photograph of %i×%i, without a legend: its own size', async (width, height) => {
  const { image } = await drawFigure(subject(width, height), explanation(), heading, bare);
  expect([image.width, image.height, image.rgb.length]).toEqual([width, height, 3 * width * height]);
});

test('a photograph of more than 25 million pixels is scaled down', async () => {
  const tall = subject(1, 200_000);
  const { image } = await drawFigure(tall, explanation(), heading, bare);
  expect([image.width, image.height]).toEqual([1, 16_384]);
  expect([isScaledDown(tall), isScaledDown(subject(5000, 5000))]).toEqual([true, false]);
});

test('a legend has the colours from end to end, and the same input gives the same bytes', async () => {
  const { image, bars } = await drawFigure(subject(640, 480), explanation('gradient'), heading, full);
  expect(bars[0]).toMatchObject({ colourMap: 'RdBu_r', map: { low: -3, high: 7 } });
  const rows = Array.from({ length: image.height }, (_, y) => {
    const start = 3 * (y * image.width + (image.width - 640) / 2);
    return [...image.rgb.subarray(start, start + 3), ...image.rgb.subarray(start + 3 * 639, start + 3 * 640)].join();
  });
  expect(rows).toContain('5,48,97,103,0,31');
  const again = await drawFigure(subject(640, 480), explanation('gradient'), heading, full);
  expect(Buffer.compare(again.image.rgb, image.rgb)).toBe(0);
});

describe('odd maps have a figure and a legend', () => {
  test.each([
    ['zeros', [0, 0, 0, 0]],
    ['a constant', [5, 5, 5, 5]],
    ['NaN and ∞', [NaN, 1, -Infinity, 2]],
    ['only NaN', [NaN, NaN, NaN, NaN]],
    ['tiny and huge', [1e-30, 0, 1e30, -1e30]],
  ])('%s', async (_, values) => {
    const map = { shape: [1, 1, 2, 2], data: Float64Array.from(values) };
    for (const colourMap of ['viridis', 'RdBu_r'] as const)
      for (const overlay of [true, false]) {
        const style = { overlay, legend: true, colourMap };
        const { image } = await drawFigure(subject(40, 30), explanation('heatmap', map), heading, style);
        expect(image.width).toBeGreaterThan(300);
      }
  });
});

test.each([1, 2, 3, 4, 5, 7, 12])(
  'a sheet of %i methods and the input: not much wider or taller than a screen',
  async (n) => {
    const { image, bars } = await drawSheet(
      subject(200, 200),
      Array.from({ length: n }, () => explanation()),
      heading,
      full,
    );
    expect(bars).toHaveLength(n);
    expect(image.width / image.height).toBeGreaterThan(0.6);
    expect(image.width / image.height).toBeLessThan(3.5);
  },
);

test('the input and two methods are a row', async () => {
  const { image } = await drawSheet(subject(200, 200), [explanation(), explanation()], heading, full);
  expect(image.width).toBeGreaterThan(3 * 400);
});

test('without a photograph: over the input; what is no map is in a sheet as its method draws it', async () => {
  const { photo: _, ...tensors } = subject(1, 1);
  const { image } = await drawFigure(tensors, explanation(), heading, bare);
  expect([image.width, image.height]).toEqual([8, 8]);
  const sheet = await drawSheet(tensors, [explanation(), explanation('maps', tensor(1, 5, 4, 4))], heading, full);
  expect(sheet.bars.map((bar) => bar === null)).toEqual([false, true]);
});

test('an answer without a map is an error that names the method', async () => {
  const vector = explanation('heatmap', tensor(1, 10));
  await expect(drawFigure(subject(9, 9), vector, heading, full)).rejects.toThrow(/^m: no stage of the answer is a map/);
});
