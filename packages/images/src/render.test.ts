import { createHash } from 'node:crypto';
import { readFile, readdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { cividis, gistEarth, redBlue, viridis } from './figure/colour-tables.js';
import { encodePng, writePng } from './png.js';
import { renderGradient, renderHeatmap, renderInput, renderKernels, renderMaps, shownStage } from './render.js';
import { resizeBilinear } from './resize.js';

test("the colour maps are matplotlib's tables", () => {
  const sums = [gistEarth, viridis, cividis, redBlue].map((table) => createHash('sha256').update(table).digest('hex'));
  expect(sums).toEqual([
    '38c5d56320ee8761d5a48e816d44dda9f1086e6c2284bec1f1a3cc95919db886',
    '96a1f6f37d4041f953def955ffb8b9ea2110a9b4e3c9b701182d48f7a9774c58',
    '8a6c6bf382be7cc30a8cbbefab8d5580471f07c59e828295e414c3f350504e29',
    'dc2f97fae8e1ee24890571a21a1a0e91ec14553c97c57edb0ee33c6413803625',
  ]);
  const spots = {
    0: [0, 0, 0],
    1: [0, 0, 43],
    64: [42, 115, 126],
    128: [93, 160, 75],
    200: [192, 163, 101],
    255: [253, 250, 250],
  };
  for (const [level, rgb] of Object.entries(spots))
    expect([...gistEarth.subarray(3 * Number(level), 3 * Number(level) + 3)]).toEqual(rgb);
});

const tensor = (shape: number[], values: number[]) => ({ shape, data: Float32Array.from(values) });
/** One image pixel per tensor pixel: the middle of each enlarged square. */
function pixels({ width, rgb }: { width: number; rgb: Uint8Array }, factor: number): number[][] {
  const [columns, rows] = [width / factor, rgb.length / 3 / width / factor];
  return Array.from({ length: columns * rows }, (_, i) => {
    const at = 3 * ((Math.floor(i / columns) * factor + factor - 1) * width + (i % columns) * factor);
    return [...rgb.subarray(at, at + 3)];
  });
}
const grey = (level: number) => [level, level, level];
const input = tensor([1, 1, 1, 4], [0, 1, 2, 3]);

test('a signal is high enough to be seen, and as wide as it is', () => {
  const { width, height, rgb } = renderGradient(
    'gradient',
    tensor(
      [1, 1, 1, 300],
      Array.from({ length: 300 }, (_, i) => i),
    ),
  );
  expect([width, height]).toEqual([300, 48]);
  expect(rgb.subarray(0, 900)).toEqual(rgb.subarray(-900));
});

describe('formulas', () => {
  test.each([
    // 0.5 + g/(2·4) over −4, −2, 0, 4
    { kind: 'gradient', values: [-4, -2, 0, 4], levels: [0, 64, 128, 255] },
    // mean 0, standard deviation √5: ±3/√5·0.1 + 0.5
    { kind: 'guided', values: [-3, -1, 1, 3], levels: [93, 116, 139, 162] },
    // g/4 + 0.5, clipped
    { kind: 'deconv', values: [-4, -1, 0, 4], levels: [0, 64, 128, 255] },
    { kind: 'gradient', values: [0, 1, 2, 4], levels: [0, 64, 128, 255], note: 'without negatives: 0 to max' },
    { kind: 'gradient', values: [0, 0, 0, 0], levels: [0, 0, 0, 0] },
    { kind: 'gradient', values: [Number.NaN, -1, 1, Infinity], levels: [0, 0, 255, 255] },
  ] as const)('$kind of $values', ({ kind, values, levels }) => {
    const image = renderGradient(kind, tensor([1, 1, 1, 4], [...values]));
    expect(image.width).toBe(224);
    expect(pixels(image, 56)).toEqual(levels.map(grey));
  });

  test('three channels are red, green and blue', () => {
    const image = renderGradient('gradient', tensor([1, 3, 1, 2], [1, -1, 0, 0, -1, 1]));
    expect(pixels(image, 112)).toEqual([
      [255, 128, 0],
      [0, 128, 255],
    ]);
  });

  test('one image of a batch is scaled by itself', () => {
    const batch = tensor([2, 1, 1, 4], [100, 200, 300, 400, -1, 0, 0, 1]);
    expect(pixels(renderGradient('gradient', batch, 1), 56)).toEqual([0, 128, 128, 255].map(grey));
  });

  test('a heat map is gist_earth alone, and half over the image', () => {
    const { image, map } = renderHeatmap(tensor([1, 1, 1, 4], [0, 0.25, 0.5, 1]), input, {
      resize: 4,
      crop: [1, 4],
      mean: [0],
      std: [1 / 85],
    });
    const at = (level: number) => [...gistEarth.subarray(3 * level, 3 * level + 3)];
    const colours = [0, 64, 128, 255].map(at);
    expect(pixels(map!, 56)).toEqual(colours);
    const levels = [0, 1, 2, 3].map((value) => Math.round(value / 85));
    expect(pixels(image, 56)).toEqual(colours.map((rgb, i) => rgb.map((c) => Math.round(0.5 * c + 0.5 * levels[i]!))));
  });

  test('a heat map of zeros is black, and a small one is resized to the input', () => {
    const { map } = renderHeatmap(tensor([1, 1, 1, 1], [0]), input, undefined);
    expect(map).toMatchObject({ width: 224, height: 56 });
    expect(new Set(map!.rgb)).toEqual(new Set([0]));
  });

  test('maps form a grid with ⌈√n⌉ columns, each normalised on its own', () => {
    const image = renderMaps(tensor([1, 3, 1, 1], [5, 5, 5]));
    expect([image.width, image.height]).toEqual([8, 8].map((side) => side * 28));
    const two = renderMaps(tensor([1, 2, 1, 2], [0, 1, 100, 50]));
    const row = pixels(two, 22)
      .slice(2 * 10, 3 * 10)
      .map(([level]) => level);
    expect(row).toEqual([0, 0, 0, 255, 0, 0, 255, 0, 0, 0]);
  });
});

test('the input image is de-normalised', () => {
  const preprocess = { resize: 1, crop: [1, 4] as [number, number], mean: [127], std: [128] };
  expect(pixels(renderInput(tensor([1, 1, 1, 4], [-127 / 128, 0, 1, 9]), preprocess), 56)).toEqual(
    [0, 127, 255, 255].map(grey),
  );
  expect(pixels(renderInput(input, undefined), 56)).toEqual([0, 85, 170, 255].map(grey));
});

test('the input image is de-normalised from units of 0–1, and from BGR', () => {
  const preprocess = {
    resize: 1,
    crop: [1, 1] as [number, number],
    scale: '0-1' as const,
    channelOrder: 'BGR' as const,
    mean: [0.2, 0.5, 0.6],
    std: [0.2, 0.5, 0.4],
  };
  const blueGreenRed = tensor([1, 3, 1, 1], [0, 1, -1.5]);
  expect(pixels(renderInput(blueGreenRed, preprocess), 224)).toEqual([[0, 255, 51]]);
  const [rgb, bgr] = (['RGB', 'BGR'] as const).map((order) => renderGradient('gradient', blueGreenRed, 0, order));
  expect(pixels(bgr!, 224)).toEqual(pixels(rgb!, 224).map((levels) => levels.toReversed()));
});

test('bilinear resizing has half-pixel centres', () => {
  // torch.nn.functional.interpolate([[0,1],[2,3]], size=(4,4), mode='bilinear', align_corners=False), first two rows
  const rows = [...resizeBilinear([0, 1, 2, 3], 2, 2, 4, 4).subarray(0, 8)];
  expect(rows).toEqual([0, 0.25, 0.75, 1, 0.5, 0.75, 1.25, 1.5]);
});

test('a PNG is complete and repeatable, and leaves no other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'touchstone-png-'));
  try {
    const image = renderInput(input, undefined);
    await writePng(join(folder, 'deep/er.png'), image);
    expect(await readdir(join(folder, 'deep'))).toEqual(['er.png']);
    const bytes = await readFile(join(folder, 'deep/er.png'));
    expect(Buffer.compare(bytes, await encodePng(image))).toBe(0);
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, Buffer.compare(data, image.rgb)]).toEqual([224, 56, 0]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  { shapes: { logits: [1, 10], map: [1, 1, 2, 2], attribution: [1, 1, 8, 8] }, shown: 'attribution' },
  { shapes: { conv: [1, 4, 8, 8], pool: [1, 4, 1, 1], fc: [1, 10], attribution: [1, 10] }, shown: 'conv' },
  { shapes: { fc: [1, 10], attribution: [1, 10] }, shown: undefined },
])('of $shapes, $shown is shown', ({ shapes, shown }) => {
  const stages = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, tensor(shape, [])]));
  expect(shownStage(stages)?.name).toBe(shown);
});

test('kernels of three channels are in colour, normalised over all of them; others are shown plane by plane', () => {
  const coloured = renderKernels(tensor([1, 3, 1, 1], [0, 2, 4]));
  const middle = 3 * (Math.floor(coloured.height / 2) * coloured.width + Math.floor(coloured.width / 2));
  expect([...coloured.rgb.subarray(middle, middle + 3)]).toEqual([0, 128, 255]);
  const planes = renderKernels(tensor([2, 2, 1, 2], [0, 1, 5, 3, 0, 1, 0, 1]));
  expect(planes.width / planes.height).toBe(10 / 8); // two by two tiles of 2×1 with a padding of 2
});
