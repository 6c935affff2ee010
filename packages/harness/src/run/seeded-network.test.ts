/** A network with seeded weights, on its way through golden/ to a port. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportCases } from '../golden/export-cases.js';
import { openGolden } from '../golden/golden-store.js';
import { verifyGolden } from '../golden/golden-verify.js';
import { readNetworkFolder } from '@touchstone/session';
import { classes, linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { writeManifest } from '../golden/write-manifest.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
const network = join(root, 'networks/linear');
writeLinearGolden(root);
const description = JSON.parse(readFileSync(join(network, 'network.json'), 'utf8')) as object;
const write = (weights: object): void =>
  writeFileSync(join(network, 'network.json'), JSON.stringify({ ...description, weights }));
const drawn = { generator: 'philox4x32-10', seed: 5 };
write(drawn);
rmSync(join(network, 'weights.safetensors'));
writeManifest(root, 'test');

it('is complete without a file of weights', () => {
  const golden = openGolden(root);
  expect(() => golden.checkNetwork('linear')).not.toThrow();
  expect([...verifyGolden(root)]).toEqual([]);
  const { weights } = readNetworkFolder(network);
  expect(Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))).toEqual({
    'fc.weight': [classes, 24],
    'fc.bias': [classes],
  });
});

it('is exported with its weights: a port needs no generator', () => {
  const exported = join(folder, 'exported');
  exportCases(openGolden(root), [linearCase(1), linearCase(2)], exported);
  const stored = readNetworkFolder(join(exported, 'networks/linear'));
  const { description: here, weights } = readNetworkFolder(network);
  expect(existsSync(join(exported, 'networks/linear/weights.safetensors'))).toBe(true);
  expect(stored.description).toEqual({ ...here, weights: undefined });
  for (const name of Object.keys(weights)) expect(stored.weights[name]).toEqual(weights[name]);
});

describe('is refused', () => {
  it('where stored weights are given too', () => {
    writeFileSync(join(network, 'weights.safetensors'), '');
    expect(() => readNetworkFolder(network)).toThrow(
      expect.objectContaining({
        code: 'bad-network',
        message: expect.stringContaining('both stored and seeded') as string,
      }),
    );
    rmSync(join(network, 'weights.safetensors'));
  });

  it('where its seed is not the one in the manifest', () => {
    write({ ...drawn, seed: 6 });
    expect(() => openGolden(root).checkNetwork('linear')).toThrow(
      expect.objectContaining({
        code: 'golden-damaged',
        message: expect.stringContaining('checksum mismatch') as string,
      }),
    );
    write(drawn);
  });
});
