import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { toHost } from '../layout.js';
import { seededWeights } from './seeded-weights.js';
import { loadNetwork } from './network.js';
import { parseNetwork } from './parse-network.js';
import { chain, description, leaf } from '../testing.js';

const golden = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../../golden/${path}`, import.meta.url), 'utf8'));

/** Of all weights, tensor after tensor; made by tools/golden/touchstone_golden/generator_golden.py. */
const { networks } = golden('fixtures/generator.json') as {
  networks: Record<string, { values: number; sha256: string }>;
};
/** More are drawn where TOUCHSTONE_FULL is set. */
const quickly = 10_000_000;

describe('the weights of PyTorch', () => {
  for (const [name, { values, sha256 }] of Object.entries(networks)) {
    it.skipIf(values > quickly && !process.env['TOUCHSTONE_FULL'])(`of ${name}, bit for bit`, () => {
      const network = parseNetwork(golden(`networks/${name}/network.json`), name);
      const hash = createHash('sha256');
      const drawn = seededWeights(network, network.weights!.seed);
      for (const tensor of Object.keys(drawn)) hash.update(new Uint8Array(drawn[tensor]!.data.buffer));
      expect(hash.digest('hex')).toBe(sha256);
    });
  }
});

it('seeded weights are drawn when they are read, and not kept', async () => {
  const network = description(chain({ conv: leaf.conv(4, 6, 3, 2), flat: leaf.flatten, head: leaf.linear(24, 2) }));
  const drawn = seededWeights(network, 5);
  expect(drawn['conv.weight']).toEqual(drawn['conv.weight']);
  expect(drawn['conv.weight']).not.toBe(drawn['conv.weight']);
  const loaded = loadNetwork(network, drawn);
  for (const name of Object.keys(drawn)) expect(await toHost(loaded.parameter(name).value)).toEqual(drawn[name]);
  loaded.dispose();
});

it('seeded weights have the variance of He, by the inputs of one group', () => {
  const network = description(chain({ grouped: leaf.conv(64, 128, 3, 16) }));
  const data = [...seededWeights(network, 1)['grouped.weight']!.data];
  expect(data.reduce((sum, value) => sum + value ** 2, 0) / data.length).toBeCloseTo(2 / (4 * 9), 2);
});

it('seeded weights are refused where they would fill the memory, before anything is drawn', () => {
  const network = description(chain({ head: leaf.linear(1_000_000, 1_000_000) }));
  expect(() => seededWeights(network, 1)).toThrow(
    expect.objectContaining({
      code: 'bad-network',
      message: expect.stringContaining('values; at most') as string,
    }),
  );
});

it('seeded weights leave no tensor when one of them cannot be drawn', () => {
  const network = description(chain({ flat: leaf.flatten, head: leaf.linear(4, 2) }));
  const drawn = seededWeights(network, 1);
  Object.defineProperty(drawn, 'head.bias', {
    enumerable: true,
    get: () => {
      throw new Error('no memory');
    },
  });
  const before = tf.memory().numTensors;
  expect(() => loadNetwork(network, drawn)).toThrow('no memory');
  expect(tf.memory().numTensors).toBe(before);
});
