import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNetworkFolder } from '@touchstone/session';
import { TemporaryFolder } from '@touchstone/system';
import { afterAll, expect, it } from 'vitest';
import { PublishedRow, publishedRow } from '../benchmark.js';
import { firstRuns } from './first-run.js';
import { measureFirstRun } from './measure.js';
import { runCommand } from './run-command.js';
import { storeNetwork } from './stored-network.js';

const inRepository = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const seeded = inRepository('golden/networks/head-pose-narrow');
const temporary = new TemporaryFolder('touchstone-first-run-test-');
afterAll(temporary.remove);
const folder = temporary.path;
storeNetwork(seeded, folder);

it('stores the weights of the seed', () => {
  const [drawn, stored] = [readNetworkFolder(seeded), readNetworkFolder(folder)];
  expect(stored.description.weights).toBeUndefined();
  expect(Object.keys(stored.weights)).toEqual(expect.arrayContaining(Object.keys(drawn.weights)));
  for (const [name, tensor] of Object.entries(drawn.weights)) expect(stored.weights[name], name).toEqual(tensor);
});

const [channels, height, width] = readNetworkFolder(folder).description.input.shape as [number, number, number];
const data = Float32Array.from({ length: channels * height * width }, (_, i) => Math.sin(i));
const x = { shape: [1, channels, height, width], data };
const setup = { benchmark: 'first-run-test', network: 'head-pose-narrow', backend: 'wasm', folder, x };

async function measured(python: string) {
  let told = '';
  const row = await measureFirstRun(setup, { rounds: 1, python, onProgress: (message) => void (told += message) });
  return { row: PublishedRow.parse(publishedRow(row)), told };
}

it('a command, a session and no PyTorch, in turn', async () => {
  const { row, told } = await measured(join(folder, 'no-python'));
  expect(told).toContain('without PyTorch');
  expect(row).toMatchObject({
    kind: 'first-run',
    benchmark: 'first-run-test',
    verified: "a session gives the command's map",
    notes: ['without PyTorch'],
    pytorchImagesPerSecond: null,
    pytorchRatio: null,
    pytorchEndToEnd: null,
    stockImagesPerSecond: null,
    milliseconds: [expect.any(Number)],
    endToEndMilliseconds: [expect.any(Number)],
  });
  // Of Node.js alone it is more; of bytes taken for KiB, less.
  expect(row.peakBytes).toBeGreaterThan(2 ** 25);
}, 120_000);

it('a command that fails says why', async () => {
  const command = { folder, input: join(folder, 'none.safetensors'), target: 5, backend: 'wasm', deadlineMs: 60_000 };
  await expect(runCommand(command)).rejects.toMatchObject({
    code: 'process-crashed',
    message: expect.stringContaining('none.safetensors') as string,
  });
}, 60_000);

const python = process.env['TOUCHSTONE_PYTHON'];

it.skipIf(python === undefined)(
  'PyTorch gives the map of the command',
  async () => {
    const { row } = await measured(python!);
    expect(row.verified).toContain('so does PyTorch');
    expect(row).toMatchObject({ pytorchEndToEnd: { milliseconds: [expect.any(Number)] } });
  },
  300_000,
);

it.each(firstRuns.map(({ id }) => id))('the network of %s is there', (id) => {
  expect(existsSync(inRepository(`benchmarks/networks/${id.replace('first-run-', '')}-224/network.json`))).toBe(true);
});
