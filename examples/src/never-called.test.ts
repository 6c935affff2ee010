import { fileURLToPath } from 'node:url';
import { findBackend } from '@touchstone/backends';
import type { NetworkDescription } from '@touchstone/contract';
import { readNetworkFolder } from '@touchstone/session';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => findBackend('cpu').open());

const { description, weights } = readNetworkFolder(
  fileURLToPath(new URL('../../golden/networks/tiny-vgg', import.meta.url)),
);
const withIdle: NetworkDescription = {
  ...description,
  modules: { ...description.modules, idle: { type: 'ReLU', attributes: { inplace: false } } },
};

describe.each([
  ['activations', (layer: string) => ({ layers: ['features.0', layer] })],
  ['grad-cam', (layer: string) => ({ layer })],
  ['cam', (layer: string) => ({ layer })],
])('%s', (id, paramsOf) => {
  const run = async (layer: string): Promise<unknown> => {
    const network = loadNetwork(withIdle, weights);
    try {
      const x = { shape: [1, 3, 32, 32], data: new Float32Array(3 * 32 * 32) };
      return await explain(findMethod(id), { network, x, target: { class: 0 }, params: paramsOf(layer), fixtures: {} });
    } finally {
      network.dispose();
    }
  };

  it('a module that is never called is reported, not silently empty', async () => {
    await expect(run('idle')).rejects.toMatchObject({
      code: 'bad-params',
      message: expect.stringContaining('layer "idle" is never called') as string,
    });
  });

  it('a module that does not exist: the nearest', async () => {
    await expect(run('feature.8')).rejects.toMatchObject({
      code: 'unknown-name',
      message: 'unknown module "feature.8"',
      hint: expect.stringContaining('"features.8"') as string,
    });
  });
});
