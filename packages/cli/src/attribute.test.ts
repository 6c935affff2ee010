import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CaseRow, compareTensors, parseJsonLines, readSafetensors } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { cat, golden, input, line, network, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

const attribute = line`attribute saliency --network ${network}`;

describe('attribute', () => {
  test('tensors in, every stage and an image out: the golden within float32', async () => {
    const row = parseJsonLines(await readFile(join(golden, 'cases.jsonl'), 'utf8'), CaseRow, 'cases').find(
      ({ id }) => id === 'saliency/tiny-vgg/cat-32',
    );
    const { class: target } = row!.target as { class: number };
    const { status, stdout } = await inProcess(
      line`${attribute} --input ${input} --target ${target} --backend cpu --set reduce=none
        --out deep/stages.safetensors --out map.png --json`,
    );
    expect(status).toBe(0);
    expect(published('attribute', stdout)).toMatchObject({
      method: 'saliency',
      network: 'tiny-vgg',
      backend: 'cpu',
      files: ['deep/stages.safetensors', 'map.png'],
      images: [
        {
          image: 0,
          target,
          top: expect.arrayContaining([{ class: expect.any(Number), name: null, probability: expect.any(Number) }]),
        },
      ],
    });
    const { tensors } = readSafetensors(await readFile(join(folder, 'deep/stages.safetensors')), 'stages');
    expect(Object.keys(tensors).toSorted()).toEqual(['attribution', 'gradient', 'logits', 'x']);
    expect(tensors['attribution']!.shape).toEqual([1, 3, 32, 32]);
    const expected = readSafetensors(
      await readFile(join(golden, 'data/saliency/tiny-vgg/cat-32.safetensors')),
      'golden',
    ).tensors;
    for (const stage of ['logits', 'gradient'])
      expect(compareTensors(tensors[stage]!, expected[stage]!).e2).toBeLessThan(1e-5);
    expect(await readdir(join(folder, 'deep'))).toEqual(['stages.safetensors']);
  });

  test('an image in: names and probabilities of the top classes, and the map over the image', async () => {
    const { status, stdout } = await inProcess(line`attribute grad-cam --network efficientnet-lite0 --image ${cat}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/282 +tiger cat +\d+\.\d %/);
    expect(stdout).toContain('explained: class 282, tiger cat');
    expect(stdout).toContain('grad-cam.png  the map over the image\ngrad-cam.map.png  the map alone');
    for (const name of ['grad-cam.png', 'grad-cam.map.png'])
      expect((await readFile(join(folder, name))).length).toBeGreaterThan(1000);
  });
});

/** Every backend of a page takes the same way through the command; the laws and the probes run on each. */
const inPages = process.env['TOUCHSTONE_FULL'] === '1' ? ['webgl', 'webgpu'] : ['webgl'];

test.each(inPages)(
  '%s runs in a page of Chromium where there is one, and gives the answer of cpu; elsewhere the reason',
  async (backend) => {
    const { status, stderr } = await inProcess(
      line`${attribute} --input ${input} --target 5 --backend ${backend} --out ${backend}.safetensors`,
    );
    if (status === 4) return expect(stderr).toMatch(/Chromium|WebGL|WebGPU|GPU/);
    expect(status, stderr).toBe(0);
    if (!existsSync(join(folder, 'cpu.safetensors')))
      await inProcess(line`${attribute} --input ${input} --target 5 --backend cpu --out cpu.safetensors`);
    const [page, cpu] = await Promise.all(
      [backend, 'cpu'].map(
        async (id) => readSafetensors(await readFile(join(folder, `${id}.safetensors`)), id).tensors['gradient']!,
      ),
    );
    expect(compareTensors(page!, cpu!).e2).toBeLessThan(1e-4);
  },
);

test('workers share the samples of smooth-grad and the images of a batch, and change no bit', async () => {
  const batch = join(golden, 'inputs/batch-32.safetensors');
  for (const [method, file, ...set] of [
    ['smooth-grad', input, '--set', 'samples=12'],
    ['saliency', batch],
  ] as [string, string, ...string[]][]) {
    for (const workers of [1, 2]) {
      const { status, stderr } = await inProcess(
        line`attribute ${method} --network ${network} --input ${file} --target 5 ${set}
          --workers ${workers} --out ${workers}.safetensors`,
      );
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(workers === 2 ? /on wasm, 2 workers took/ : /on wasm took/),
      });
    }
    const [one, two] = await Promise.all([1, 2].map((workers) => readFile(join(folder, `${workers}.safetensors`))));
    expect(two!.equals(one!)).toBe(true);
  }
});

test('tensors and fixtures from two files: an embedding in the colours of its labels', async () => {
  const { status, stdout } = await inProcess(
    line`attribute t-sne --network digits --input ${join(golden, 'inputs/digits-200.safetensors')}
      --input ${join(golden, 'fixtures/t-sne-digits-200.safetensors')} --set steps=250 --frames 0 --out points.png`,
  );
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'points.png  the embedding, in the colours of the classes\n',
  });
});
