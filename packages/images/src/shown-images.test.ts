import { expect, test } from 'vitest';
import { imagesOf, type Exhibit } from './shown-images.js';

const tensor = (shape: number[], values: number[]) => ({ shape, data: Float32Array.from(values) });
const exhibit = (stages: Exhibit['stages'], more: Partial<Exhibit> = {}): Exhibit => ({
  stages,
  x: tensor([1, 1, 1, 2], [0, 1]),
  fixtures: {},
  preprocess: undefined,
  ...more,
});
const colourAt = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number) => [
  ...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

test('a fooling image comes with the difference ×1 and ×10, grey where nothing changed', async () => {
  const preprocess = { resize: 1, crop: [1, 2] as [number, number], mean: [100], std: [51] };
  const images = await imagesOf('fooling', exhibit({ attribution: tensor([1, 1, 1, 2], [0, 1.1]) }, { preprocess }));
  expect(images.map(({ suffix }) => suffix)).toEqual([null, 'difference', 'difference-x10']);
  const levels = images.map(({ image }) => [colourAt(image, 0, 0)[0], colourAt(image, image.width - 1, 0)[0]]);
  // 100 and 156.1; half of 255, and 0.1·51 more; ten times that
  expect(levels).toEqual([
    [100, 156],
    [128, 133],
    [128, 179],
  ]);
});

test('an embedding is drawn point by point in ten colours, with a legend of the classes that occur', async () => {
  const embedding = tensor([3, 2], [0, 0, 10, 0, 10, 5]);
  const [plain] = await imagesOf('scatter', exhibit({ attribution: embedding }));
  const [labelled] = await imagesOf(
    'scatter',
    exhibit({ attribution: embedding }, { fixtures: { labels: tensor([3], [0, 1, 3]) } }),
  );
  expect(plain!.image).toMatchObject({ width: 560, height: 560 });
  expect(labelled!.image.width).toBeGreaterThan(560);
  expect(colourAt(labelled!.image, 16, 543)).toEqual([31, 119, 180]); // (0, 0): below on the left
  expect(colourAt(labelled!.image, 544, 543)).toEqual([255, 127, 14]); // (10, 0)
  expect(colourAt(labelled!.image, 544, 16)).toEqual([214, 39, 40]); // (10, 5)
  expect(colourAt(labelled!.image, 570, 20)).toEqual([31, 119, 180]); // its square in the legend
});

test('a perceptron: regions by the winning class, a black line, the data', async () => {
  const stages = {
    region: tensor([1, 2, 2, 2], [1, 0, 1, 0, 0, 1, 0, 1]), // class 0 on the left, 1 on the right
    lines: tensor([1, 4], [0, 0, 0, 1]),
    extent: tensor([1], [2]),
    attribution: tensor([1, 4], [0, 0, 0, 1]),
  };
  const [shown, ...rest] = await imagesOf(
    'kernels',
    exhibit(stages, { x: tensor([1, 2, 1, 1], [1, 1]), fixtures: { labels: tensor([1], [2]) } }),
  );
  expect(rest).toEqual([]);
  const { image } = shown!;
  expect(Math.max(...colourAt(image, 280, 500))).toBeLessThan(80);
  expect(colourAt(image, 420, 140)).toEqual([44, 160, 44]); // (1, 1), right and above
  const [left, right] = [colourAt(image, 50, 500), colourAt(image, 500, 500)];
  expect(left[2]!).toBeGreaterThan(left[0]!); // pale blue
  expect(right[0]!).toBeGreaterThan(right[2]!); // pale orange
});

test('NaN does not spoil the rest', async () => {
  await expect(
    imagesOf('scatter', exhibit({ attribution: tensor([2, 2], [NaN, Infinity, 1, 2]) })),
  ).resolves.toHaveLength(1);
});

test.each(['gradient', 'heatmap', 'maps', 'kernels', 'fooling', 'pixels', 'scatter'] as const)(
  '%s of nothing that is a map: no image',
  async (style) => {
    await expect(imagesOf(style, exhibit({}))).resolves.toEqual([]);
  },
);
