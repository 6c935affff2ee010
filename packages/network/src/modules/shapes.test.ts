import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { NetworkDescription } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { Variable } from '../autograd/variable.js';
import { nchwShape } from '../layout.js';
import { chain, description, leaf } from '../testing.js';
import { loadNetwork } from './network.js';
import { parseNetwork } from './parse-network.js';
import { seededWeights } from './seeded-weights.js';
import { shapesOf, type LeafCall } from './shapes.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const folder = fileURLToPath(new URL('../../../../golden/networks/', import.meta.url));
const read = (name: string): NetworkDescription =>
  parseNetwork(JSON.parse(readFileSync(`${folder}${name}/network.json`, 'utf8')), name);

/** The shapes of a real pass. */
function run(network: NetworkDescription, input: readonly number[]): { leaves: LeafCall[]; output: number[] } {
  const loaded = loadNetwork(network, seededWeights(network, 1));
  const leaves: LeafCall[] = [];
  for (const [path, module] of loaded.namedModules())
    if (module.isLeaf)
      module.registerForwardHook((_module, _inputs, { shape }) => void leaves.push({ path, shape: nchwShape(shape) }));
  const [n, c, h, w] = input as [number, number, number, number];
  const output = tf.tidy(() => nchwShape(loaded.call(Variable.leaf(tf.zeros([n, h, w, c]))).shape));
  loaded.dispose();
  return { leaves, output };
}

describe('shapesOf', () => {
  const small = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => basename(file) === 'network.json')
    .map(dirname)
    .filter((name) => {
      const [, height, width] = read(name).input.shape;
      return height * width <= 64 * 80;
    });
  it.each(small)('%s: every layer as it really is', (name) => {
    const network = read(name);
    const input = [2, ...network.input.shape];
    expect(shapesOf(network, input)).toEqual(run(network, input));
  });

  it('is null where a layer has no output; running the network names it', () => {
    const network = description(chain({ conv: leaf.conv(1, 1, 3) }));
    expect(shapesOf(network, [1, 1, 2, 2])).toBeNull();
    expect(shapesOf(network, [1, 1, 3, 4])?.output).toEqual([1, 1, 1, 2]);
  });
});
