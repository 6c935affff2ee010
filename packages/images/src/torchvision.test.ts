/** Against references/, which `python -m touchstone_golden.image_references` makes with Pillow and torchvision. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readSafetensors, type HostTensor, type NetworkDescription, type Preprocess } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { readImage } from './decode.js';
import { preprocessImage } from './preprocess.js';

const path = (name: string): string => fileURLToPath(new URL(`../references/${name}`, import.meta.url));
const stored = async (name: string) => readSafetensors(await readFile(path(`${name}.safetensors`)), name);
const [pixels, presets] = await Promise.all([stored('pixels'), stored('presets')]);
const { resize, crop, enlarged } = JSON.parse(pixels.metadata['sizes']!);

const levels = (channels: number) => ({
  mean: Array.from({ length: channels }, () => 0),
  std: Array.from({ length: channels }, () => 1),
});

async function through(file: string, preprocess: Partial<Preprocess>, channels = 3): Promise<HostTensor> {
  const how = { resize, crop: [crop, crop] as [number, number], ...levels(channels), ...preprocess };
  const network: NetworkDescription = {
    format: 'touchstone-network',
    version: 1,
    name: 'n',
    why: '',
    input: { shape: [channels, crop, crop] },
    modules: {},
    preprocess: how,
  };
  return preprocessImage(await readImage(path(file)), network);
}

function furthest(a: HostTensor, b: HostTensor): number {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));
}

const filesOf = (tensors: object, interpolation: string): string[] =>
  Object.keys(tensors)
    .filter((name) => name.startsWith(`${interpolation}/`) && name.includes('.'))
    .map((name) => name.slice(interpolation.length + 1));

test.each(['bilinear', 'bicubic', 'nearest'] as const)(
  '%s: every kind of file, to one grey level',
  async (interpolation) => {
    const files = filesOf(pixels.tensors, interpolation);
    expect(files).toHaveLength(17);
    const apart: Record<string, number> = {};
    for (const file of files)
      apart[file] = furthest(await through(file, { interpolation }), pixels.tensors[`${interpolation}/${file}`]!);
    expect(Object.entries(apart).filter(([, level]) => level > 1)).toEqual([]);
  },
);

test('the transform of trained weights, ImageClassification, to one grey level', async () => {
  const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: '0-1', interpolation: 'bilinear' };
  const oneLevel = 1 / 255 / 0.224 + 1e-6;
  for (const file of filesOf(presets.tensors, 'bilinear'))
    expect(
      furthest(await through(file, imagenet as Partial<Preprocess>), presets.tensors[`bilinear/${file}`]!),
      file,
    ).toBeLessThanOrEqual(oneLevel);
  const exact = await through('colour.png', imagenet as Partial<Preprocess>);
  expect(furthest(exact, presets.tensors['bilinear/colour.png']!)).toBe(0);
});

test.each(['bilinear', 'bicubic', 'nearest'] as const)('%s: enlarged, and for one channel', async (interpolation) => {
  const of = (name: string) => pixels.tensors[`${interpolation}/${name}`]!;
  expect(furthest(await through('colour.png', { interpolation, resize: enlarged }), of('enlarged'))).toBe(0);
  expect(furthest(await through('colour.png', { interpolation }, 1), of('grey network'))).toBe(0);
});

test.each(['bilinear', 'bicubic'] as const)(
  '%s without antialiasing: as PyTorch resizes tensors',
  async (interpolation) => {
    const of = (name: string) => pixels.tensors[`${interpolation}/${name}`]!;
    const how = { interpolation, antialias: false };
    expect(furthest(await through('colour.png', how), of('not antialiased'))).toBeLessThanOrEqual(1);
    const large = await through('colour.png', { ...how, resize: enlarged });
    expect(furthest(large, of('not antialiased, enlarged'))).toBeLessThanOrEqual(1);
  },
);

test('BGR: the channels of RGB from last to first, mean and std in the order of the network', async () => {
  const [rgb, bgr] = await Promise.all([
    through('colour.png', {}),
    through('colour.png', { channelOrder: 'BGR', mean: [1, 2, 3] }),
  ]);
  const area = crop * crop;
  for (const [i, value] of bgr.data.entries()) {
    const [c, p] = [Math.floor(i / area), i % area];
    expect(value).toBe(rgb.data[(2 - c) * area + p]! - (c + 1));
  }
});
