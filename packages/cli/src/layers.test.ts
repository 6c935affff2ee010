import { mkdir, writeFile } from 'node:fs/promises';
import { writeSafetensors } from '@touchstone/contract';
import { transformer, transformerWeights } from '@touchstone/network/testing';
import { beforeAll, expect, test } from 'vitest';
import { layersOf } from './layers.js';
import { inProcess } from './testing/in-process.js';
import { line, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);
beforeAll(async () => {
  await mkdir('vit');
  await writeFile('vit/network.json', JSON.stringify(transformer()));
  await writeFile('vit/weights.safetensors', writeSafetensors(transformerWeights()));
  await writeFile('x.safetensors', writeSafetensors({ x: { shape: [3, 1, 4, 6], data: new Float32Array(72) } }));
});

test('a transformer: shapes, tokens, what has no gradient and why, and how to name a layer', async () => {
  const { status, stdout } = await inProcess(line`layers --network ./vit --input x.safetensors`);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^transformer: \[3,1,4,6\] → \[3,3\]\n/);
  for (const row of [
    /^patches +Conv2d +\[3,4,2,3\] +map +all/m,
    /^blocks\.1\.norm1 +Scale +\[3,7,4\] +tokens +all/m,
    /^blocks\.1 +Block +\[3,7,4\] +tokens +some +only token 0 is read$/m,
    /^idle +Linear +– +– +none +forward never calls it$/m,
  ])
    expect(stdout).toMatch(row);
  expect(stdout).toMatch(/no layer is a CAM's default: no layer is named, and after the last map, of "patches"/);
  expect(stdout).toMatch(/--set layer=blocks\.1\.norm1 --set 'tokens=\{"skip":1,"grid":\[2,3\]\}'/);

  const grid = ['--set', 'tokens={"skip":1,"grid":[2,3]}'];
  const explained = await inProcess([
    ...line`attribute grad-cam --network ./vit --input x.safetensors --target 1 --backend cpu --out a.png`,
    ...grid,
  ]);
  expect(explained.status).toBe(0);
});

test('--json says the same', async () => {
  const { stdout } = await inProcess(line`layers --network tiny-vgg --json`);
  const found = published('layers', stdout);
  expect(found).toMatchObject({ network: 'tiny-vgg', output: [1, 10], default: { layer: 'avgpool', hint: null } });
  expect((found as { layers: object[] }).layers[1]).toEqual({
    path: 'features',
    type: 'Sequential',
    leaf: false,
    calls: 1,
    shape: [1, 32, 4, 4],
    form: 'map',
    gradient: 'all',
    read: 'all',
    weightsReadBy: [],
    note: null,
  });
});

test('of a target, what it does not read', async () => {
  const { stdout } = await inProcess([
    ...line`layers --network head-pose-narrow --json --target`,
    '{"head":"pitch","class":3}',
  ]);
  const { layers } = published('layers', stdout) as { layers: { type: string; gradient: string; path: string }[] };
  const linear = layers.filter(({ type }) => type === 'Linear');
  expect(linear.map(({ gradient }) => gradient)).toEqual(['none', 'some', 'none']);
});

test('a layer that is called several times counts as its last call', () => {
  const calls = [0, 1].map((i) => ({ name: `v${i + 1}`, module: 'relu', args: [`v${i}`] }));
  const relu = { type: 'ReLU', attributes: { inplace: false } };
  const network = {
    ...transformer(),
    modules: { '': { type: 'Twice', inputs: ['v0'], calls, output: 'v2' }, relu },
  };
  const [, found] = layersOf(network, [1, 1, 4, 6]).layers;
  expect(found).toMatchObject({ path: 'relu', calls: 2, note: 'called 2 times, the last counts' });
});

test('a module whose weights others read is never called all the same', () => {
  const read = (name: string, path: string) => ({ name, weight: `${path}.weight` });
  const product = { name: 'y', op: 'linear', args: ['x', 'w'], attributes: {} };
  const attention = {
    type: 'Attention',
    inputs: ['x'],
    calls: [read('u', 'attention.in'), read('w', 'attention.out'), product],
    output: 'y',
  };
  const linear = { type: 'Linear', attributes: { inFeatures: 6, outFeatures: 6, bias: false } };
  const calls = [
    { name: 'a', module: 'attention', args: ['v'] },
    read('w', 'attention.out'),
    read('tied', 'called'),
    { name: 'b', op: 'linear', args: ['a', 'w'], attributes: {} },
    { name: 'c', op: 'linear', args: ['b', 'tied'], attributes: {} },
    { name: 'd', module: 'called', args: ['c'] },
  ];
  const network = {
    ...transformer(),
    modules: {
      '': { type: 'Net', inputs: ['v'], calls, output: 'd' },
      attention,
      'attention.out': linear,
      'attention.in': linear,
      called: linear,
      idle: attention,
    },
  };
  const { layers } = layersOf(network, [1, 1, 4, 6]);
  expect(layers.map(({ path, weightsReadBy, note }) => ({ path, weightsReadBy, note }))).toEqual([
    { path: '', weightsReadBy: [], note: null },
    { path: 'attention', weightsReadBy: [], note: null },
    {
      path: 'attention.out',
      weightsReadBy: ['', 'attention'],
      note: 'forward never calls it: the network and 1 more read its weights',
    },
    {
      path: 'attention.in',
      weightsReadBy: ['attention'],
      note: 'forward never calls it: the Attention around it reads its weights',
    },
    { path: 'called', weightsReadBy: [''], note: null },
    { path: 'idle', weightsReadBy: [], note: 'forward never calls it' },
  ]);
});

test.each([
  [line`layers`, /usage: required option "--network/],
  [line`layers --network tiny-vg`, /unknown network "tiny-vg"[^]*Did you mean "tiny-vgg"/],
  [line`layers --network tiny-vgg --target 10`, /the network has classes 0 to 9/],
])('%j is refused', async (args, message) => {
  const { status, stderr } = await inProcess(args);
  expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringMatching(message) as string });
});

test('images that do not fit', () => {
  expect(() => layersOf(transformer(), [1, 1, 1, 6])).toThrow('images of [1,1,1,6] do not fit the network');
});
