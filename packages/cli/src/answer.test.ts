/** What `attribute` writes, and what it says of answers that are not finite, on a network that is made here. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson, readSafetensors, writeSafetensors, type HostTensor } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import { beforeAll, expect, test } from 'vitest';
import { AnswerRecord } from './answer-record.js';
import { runWithCheckpoints } from './run-with-checkpoints.js';
import { inProcess } from './testing/in-process.js';
import { cat, line, published, scratch, workIn } from './testing/touchstone.js';
import type { Unfinished } from './unfinished.js';

const { folder } = scratch();
workIn(folder);
const preprocess = {
  resize: 8,
  crop: [8, 8],
  interpolation: 'bilinear',
  channelOrder: 'BGR',
  scale: '0-1',
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.3, 0.4],
};

const filled = (value: number, ...shape: number[]): HostTensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => value * Math.sin(i + 1)) };
};

/** A plain Sequential, whose layers are named by digits: a convolution, ReLU, flattening, a Linear and `last`. */
async function writeNetwork(
  name: string,
  scale: number,
  change: (weights: Record<string, HostTensor>) => void = () => {},
  last: 'silu' | undefined = undefined,
) {
  const pair = (value: number) => [value, value];
  const conv = { inChannels: 3, outChannels: 2, kernelSize: pair(3), stride: pair(1), padding: pair(1) };
  const description = {
    format: 'touchstone-network',
    version: 1,
    name,
    why: 'for a test',
    input: { shape: [3, 8, 8] },
    preprocess,
    modules: {
      '': {
        type: 'Sequential',
        inputs: ['x'],
        calls: [
          ...[0, 1, 2, 3].map((i) => ({ name: `v${i}`, module: String(i), args: [i === 0 ? 'x' : `v${i - 1}`] })),
          ...(last ? [{ name: 'v4', op: last, args: ['v3'], attributes: {} }] : []),
        ],
        output: last ? 'v4' : 'v3',
      },
      '0': { type: 'Conv2d', attributes: { ...conv, dilation: pair(1), groups: 1, bias: false } },
      '1': { type: 'ReLU', attributes: { inplace: false } },
      '2': { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
      '3': { type: 'Linear', attributes: { inFeatures: 128, outFeatures: 2, bias: false } },
    },
  };
  const weights = { '0.weight': filled(scale, 2, 3, 3, 3), '3.weight': filled(scale, 2, 128) };
  change(weights);
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'network.json'), JSON.stringify(description));
  await writeFile(join(folder, name, 'weights.safetensors'), writeSafetensors(weights));
}

const read = async (file: string) => readSafetensors(await readFile(join(folder, file)), file);

beforeAll(async () => {
  await writeNetwork('net', 1);
  await writeNetwork('overflowing', 1e25);
  await writeNetwork('nan', 1, (weights) => (weights['0.weight']!.data[3] = NaN));
  await writeNetwork('infinite', 1, (weights) => (weights['3.weight']!.data[0] = Infinity));
  await writeFile('x.safetensors', writeSafetensors({ x: filled(1, 1, 3, 8, 8) }));
});

test('the file holds the input; its metadata the target, all parameters, preprocessing and versions', async () => {
  const { status } = await inProcess(
    line`attribute grad-cam --network ./net --image ${cat} --set layer=0 --backend cpu --out a.safetensors`,
  );
  expect(status).toBe(0);
  const { tensors, metadata } = await read('a.safetensors');
  expect(tensors['x']!.shape).toEqual([1, 3, 8, 8]);
  const record = parseJson(metadata['touchstone']!, AnswerRecord, 'the record');
  expect(record).toMatchObject({
    method: 'grad-cam',
    network: 'net',
    backend: 'cpu',
    params: { layer: '0' },
    preprocess,
    image: cat,
    x: 'x',
    versions: {
      touchstone: expect.stringMatching(/^\d/),
      tfjs: expect.stringMatching(/^4\./),
      node: process.versions.node,
    },
  });
  expect(record.target).toEqual({ class: tensors['logits']!.data[0]! > tensors['logits']!.data[1]! ? 0 : 1 });

  // the same numbers again, from the file itself
  const again = await inProcess(
    line`attribute grad-cam --network ./net --input a.safetensors --set layer=0 --backend cpu --out b.safetensors`,
  );
  expect(again.status).toBe(0);
  expect((await read('b.safetensors')).tensors).toEqual(tensors);
});

test('a method without images or target: neither is in the file', async () => {
  await inProcess(line`attribute parameters --network ./net --set layer=0 --backend cpu --out p.safetensors`);
  const { tensors, metadata } = await read('p.safetensors');
  expect(Object.keys(tensors)).not.toContain('x');
  const record = parseJson(metadata['touchstone']!, AnswerRecord, 'the record');
  expect(record).toMatchObject({ target: null, params: { layer: '0' } });
  expect(record).not.toHaveProperty('x');
});

test('an answer that overflows is written, with a warning and status 1', async () => {
  const { status, stdout, stderr } = await inProcess(
    line`attribute saliency --network ./overflowing --input x.safetensors --target 0 --backend cpu
      --out over.safetensors --out over.png --json`,
  );
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/warning: not finite: .*gradient, attribution.* \(NaN or ±∞/),
  });
  expect(published('attribute', stdout)).toMatchObject({ nonFinite: expect.arrayContaining(['attribution']) });
  expect((await read('over.safetensors')).tensors['attribution']!.data.every(Number.isFinite)).toBe(false);
});

test('activations without a rule are named once on stderr, in the JSON and in the metadata', async () => {
  await writeNetwork('gated', 1, undefined, 'silu');
  const { status, stdout, stderr } = await inProcess(
    line`attribute guided-backprop --network ./gated --input x.safetensors --target 0 --backend cpu
      --out gated.safetensors --json`,
  );
  const note = 'guided-backprop replaces the gradient of ReLU and ReLU6; for SiLU there is no agreed rule';
  expect(status).toBe(0);
  expect(stderr.split(note)).toHaveLength(2);
  expect(published('attribute', stdout)).toMatchObject({ note: expect.stringContaining(note) });
  expect((await read('gated.safetensors')).metadata['touchstone']).toContain(note);
});

test.each(['nan', 'infinite'])('weights that are not finite are refused: %s', async (name) => {
  const { status, stderr } = await inProcess(
    line`attribute saliency --network ./${name} --input x.safetensors --target 0 --backend cpu --out no.png`,
  );
  expect({ status, stderr }).toEqual({
    status: 64,
    stderr: expect.stringMatching(
      /^error: bad-network: weights of .*weight" has a value that is NaN, ±∞ or too large/m,
    ),
  });
  expect(existsSync(join(folder, 'no.png'))).toBe(false);
});

test('an output that cannot be written does not cost the others', async () => {
  const { status, stderr } = await inProcess(
    line`attribute activations --network ./net --input x.safetensors --set layers=3 --backend cpu
      --out no-map.png --out kept.safetensors`,
  );
  expect({ status, stderr }).toEqual({
    status: 64,
    stderr: expect.stringMatching(/usage: --out no-map\.png: no stage/),
  });
  expect(existsSync(join(folder, 'kept.safetensors'))).toBe(true);
});

test('the state of an iterated method stays where its answer cannot be delivered', async () => {
  let dropped = 0;
  const unfinished = { file: 'f', read: () => undefined, write: async () => {}, drop: async () => void dropped++ };
  const options = {
    method: findMethod('class-visualization'),
    title: 't',
    image: undefined,
    frames: 0,
    preprocess: undefined,
    fixtures: {},
    unfinished: unfinished as unknown as Unfinished,
    signal: new AbortController().signal,
  };
  const fails = runWithCheckpoints(
    options,
    async () => 1,
    async () => {
      throw new Error('disk full');
    },
  );
  await expect(fails).rejects.toThrow('disk full');
  expect(dropped).toBe(0);
  await runWithCheckpoints(
    options,
    async () => 1,
    async () => {},
  );
  expect(dropped).toBe(1);
});

test('the network from which an answer is made cannot be overwritten, also through a link', async () => {
  const before = await readFile('net/weights.safetensors');
  await symlink(join(folder, 'net/weights.safetensors'), 'link.safetensors');
  for (const out of ['net/weights.safetensors', 'link.safetensors']) {
    const { status, stderr } = await inProcess(
      line`attribute saliency --network ./net --input x.safetensors --backend cpu --out ${out}`,
    );
    expect({ status, stderr }).toEqual({
      status: 64,
      stderr: expect.stringMatching(/usage: .* would overwrite .*weights/),
    });
  }
  expect((await readFile('net/weights.safetensors')).equals(before)).toBe(true);
});
