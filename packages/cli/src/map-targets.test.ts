/** Targets of a network that returns a map of three classes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@touchstone/contract';
import { beforeAll, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

/** Class k scores k + 1 times the pixel; 0 scores where it is negative. */
const description = {
  format: 'touchstone-network',
  version: 1,
  name: 'maps',
  why: 'for a test',
  input: { shape: [1, 2, 3] },
  classes: ['sky', 'road', 'car'],
  modules: {
    '': { type: 'Sequential', inputs: ['x'], calls: [{ name: 'y', module: 'conv', args: ['x'] }], output: 'y' },
    conv: {
      type: 'Conv2d',
      attributes: {
        inChannels: 1,
        outChannels: 3,
        kernelSize: [1, 1],
        stride: [1, 1],
        padding: [0, 0],
        dilation: [1, 1],
        groups: 1,
        bias: false,
      },
    },
  },
};

beforeAll(async () => {
  await mkdir(join(folder, 'maps'));
  await writeFile('maps/network.json', JSON.stringify(description));
  const weight = { shape: [3, 1, 1, 1], data: Float32Array.of(1, 2, 3) };
  await writeFile('maps/weights.safetensors', writeSafetensors({ 'conv.weight': weight }));
  const x = { shape: [1, 1, 2, 3], data: Float32Array.of(1, -1, 2, -3, 1, 5) };
  await writeFile('x.safetensors', writeSafetensors({ x }));
});

const attribute = (target: string, ...more: string[]) =>
  inProcess([
    ...line`attribute saliency --network ./maps --input x.safetensors --backend cpu --set reduce=none
      --out a.safetensors`,
    '--target',
    target,
    ...more,
  ]);

test.each([
  ['car', [3, 3, 3, 3, 3, 3], 'explained: class 2, car'],
  ['{"class":1,"pixel":[1,2]}', [0, 0, 0, 0, 0, 2], 'explained: class 1, road at pixel [1,2]'],
  ['{"class":1,"region":[0,1,2,3]}', [0, 2, 2, 0, 2, 2], 'explained: class 1, road in region [0,1,2,3]'],
  ['{"class":0,"region":"argmax"}', [0, 1, 0, 1, 0, 0], 'explained: class 0, sky where it is the likeliest'],
  ['{"weights":[1,0,-1]}', [-2, -2, -2, -2, -2, -2], 'explained: a weighted sum of the logits'],
])('--target %s', async (target, gradient, words) => {
  const { status, stdout } = await attribute(target);
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining(words) as string });
  expect(stdout).toMatch(/class +name +likeliest in\s+2 +car +66\.7 %\s+0 +sky +33\.3 %/);
  const { tensors } = readSafetensors(await readFile('a.safetensors'), 'a.safetensors');
  expect(Array.from(tensors['gradient']!.data)).toEqual(gradient);
});

test('--json has the share of the pixels', async () => {
  const { stdout } = await attribute('0', '--json');
  expect(published('attribute', stdout)).toMatchObject({
    images: [{ target: 0, top: [], pixels: [{ class: 2, name: 'car' }, { class: 0 }] }],
  });
});

test.each([
  ['3', /usage: --target 3: the network has classes 0 to 2/],
  [
    '{"class":0,"pixel":[2,0]}',
    /bad-input: target has the pixel \[2,0\]; the network's maps have 2 rows and 3 columns/,
  ],
  ['{"class":0,"pixel":[0,0],"region":"argmax"}', /usage: --target: give "pixel" or "region", not both/],
  ['{"class":0,"region":[1,0,1,2]}', /usage: --target: "region": y0, x0, y1, x1 with y0 < y1 and x0 < x1/],
  ['{"class":0,"pixle":[0,0]}', /usage: --target: Unrecognized key: "pixle"[^]*Did you mean "pixel"\?/],
])('--target %s is refused', async (target, message) => {
  const { status, stderr } = await attribute(target);
  expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringMatching(message) as string });
});

test('without --target there is no likeliest class, and methods without a target work', async () => {
  const missing = await inProcess(
    line`attribute grad-cam --network ./maps --input x.safetensors --backend cpu --out a.png`,
  );
  expect(missing).toMatchObject({
    status: 64,
    stderr: expect.stringMatching(/--target is missing: the network returns maps, \[1,3,2,3\][^]*"region":"argmax"/),
  });
  const maps = await inProcess(
    line`attribute activations --network ./maps --input x.safetensors --backend cpu --out b.safetensors`,
  );
  expect(maps.status).toBe(0);
});
