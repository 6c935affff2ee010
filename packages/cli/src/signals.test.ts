/** A network of signals [N,1,6] with one output. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@touchstone/contract';
import { leaf } from '@touchstone/network/testing';
import { beforeAll, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

const calls = [
  { name: 'flat', module: 'flat', args: ['x'] },
  { name: 'y', module: 'head', args: ['flat'] },
];
const description = {
  format: 'touchstone-network',
  version: 1,
  name: 'signal',
  why: 'for a test',
  input: { shape: [1, 1, 6] },
  modules: {
    '': { type: 'Net', inputs: ['x'], calls, output: 'y' },
    flat: leaf.flatten,
    head: leaf.linear(6, 1, false),
  },
};
const weight = { shape: [1, 6], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const data = Float32Array.of(1, 0, 0, 0, 0, 0.5);

beforeAll(async () => {
  await mkdir(join(folder, 'signal'));
  await writeFile('signal/network.json', JSON.stringify(description));
  await writeFile('signal/weights.safetensors', writeSafetensors({ 'head.weight': weight }));
});

const attribute = async (shape: number[], ...more: string[]) => {
  await writeFile('x.safetensors', writeSafetensors({ x: { shape, data } }));
  const words = line`attribute saliency --network ./signal --input x.safetensors --backend cpu
    --out a.safetensors --out a.png`;
  return inProcess([...words, ...more]);
};

test.each([[[1, 1, 6]], [[1, 1, 1, 6]]])('x may be %j; its image can be seen', async (shape) => {
  const { status, stdout, stderr } = await attribute(shape);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toContain('output: 4\n');
  const { attribution, x } = readSafetensors(await readFile('a.safetensors'), 'a.safetensors').tensors;
  expect(attribution).toEqual({ shape: [1, 1, 1, 6], data: weight.data });
  expect(x!.shape).toEqual([1, 1, 1, 6]);
  const png = await readFile('a.png');
  expect(png.readUInt32BE(20)).toBeGreaterThanOrEqual(37); // 224/6
});

test('--json has the value of the output', async () => {
  const { stdout } = await attribute([1, 1, 6], '--json');
  expect(published('attribute', stdout)).toMatchObject({ images: [{ value: 4, target: 0 }] });
});

test('another length is refused with the shape that is needed', async () => {
  const { status, stderr } = await attribute([1, 2, 3]);
  expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringContaining('needs [N,1,1,6]') as string });
});
