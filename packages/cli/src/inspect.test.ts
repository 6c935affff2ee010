import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, published } from './testing/touchstone.js';

/** Every backend that runs here opens in the tests of the harness; here those of a page are unavailable at once. */
beforeAll(() => vi.stubEnv('TOUCHSTONE_CHROMIUM', '/no/such/chromium'));
afterAll(() => vi.unstubAllEnvs());

test('doctor --json', async () => {
  const { status, stdout } = await inProcess(line`doctor --json`);
  expect(status).toBe(0);
  const { backends } = published('doctor', stdout);
  expect(backends.map(({ id }) => id)).toEqual(expect.arrayContaining(['cpu', 'wasm', 'float64']));
  for (const backend of backends)
    expect(Object.keys(backend).toSorted()).toEqual([
      'device',
      'id',
      'precision',
      'reason',
      'softwareRenderer',
      'status',
    ]);
  expect(backends.find(({ id }) => id === 'webgl')).toMatchObject({
    status: 'unavailable',
    reason: expect.stringContaining('/no/such/chromium') as string,
  });
  expect(backends.find(({ id }) => id === 'float64')).toMatchObject({ status: 'available', precision: 'float64' });
});

test('list, for people and as JSON', async () => {
  const people = await inProcess(line`list`);
  expect(people.status).toBe(0);
  expect(people.stdout).toMatch(/^smooth-grad +\d+ +.*samples=50 fraction=0\.15/m);
  expect(people.stdout).toMatch(
    /^hooks\/random-\* +various +312 +52 networks \(--all shows each\): a random module tree/m,
  );
  expect(people.stdout).not.toContain('hooks/random-07');
  expect((await inProcess(line`list --all`)).stdout).toMatch(/^hooks\/random-07 +\d+×/m);
  const { stdout } = await inProcess(line`list --json`);
  const found = published('list', stdout);
  expect(found.methods.find(({ id }) => id === 'grad-cam')).toMatchObject({
    params: [
      { name: 'layer', default: null },
      { name: 'tokens', default: null },
      { name: 'channelsLast', default: false },
    ],
  });
  expect(found.networks.find(({ name }) => name === 'efficientnet-lite0')).toMatchObject({
    input: [3, 224, 224],
    classes: 1000,
  });
  expect(found.networks.map(({ name }) => name)).toContain('hooks/random-07');
  expect(found.backends.find(({ id }) => id === 'wasm')).toMatchObject({
    title: expect.stringContaining('WebAssembly'),
  });
  expect(found.cases.total).toBeGreaterThan(50);
});

test('list --cases, all or those that match', async () => {
  const some = await inProcess(line`list --cases grad-cam/tiny-vgg/cat-32`);
  expect(some).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^case +profile +why\ngrad-cam\/tiny-vgg\/cat-32 +quick +\w/) as string,
  });
  const all = await inProcess(line`list --cases`);
  for (const id of ['saliency/tiny-vgg/cat-32', 'hooks/random-07']) expect(all.stdout).toContain(`\n${id}`);
});

test('golden verify finds nothing in ours', async () => {
  const { status, stdout } = await inProcess(line`golden verify --json`);
  expect([status, published('golden-verify', stdout).findings]).toEqual([0, []]);
});
