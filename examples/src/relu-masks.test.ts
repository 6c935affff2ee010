import { fileURLToPath } from 'node:url';
import { findBackend } from '@touchstone/backends';
import { readNetworkFolder } from '@touchstone/session';
import { constant, loadNetwork } from '@touchstone/network';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { deconvByBackwardHooks, outOfPlace } from './relu-masks.js';

it('full backward hooks on in-place ReLUs are refused, as in PyTorch, and leave no hook behind', async () => {
  await findBackend('cpu').open();
  const { description, weights } = readNetworkFolder(
    fileURLToPath(new URL('../../golden/networks/tiny-vgg', import.meta.url)),
  );
  const before = tf.memory().numTensors;
  const network = loadNetwork(description, weights);
  const explain = (): unknown =>
    tf.tidy(() => deconvByBackwardHooks(network, constant(new Float32Array(3 * 32 * 32), [1, 32, 32, 3]), 0));
  for (const _time of ['first', 'second']) {
    expect(explain).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: '"features.1": an input or output of a module with backward hooks is changed in place',
      }),
    );
  }
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('only ReLUs change, and only in a copy', () => {
  const { description } = readNetworkFolder(fileURLToPath(new URL('../../golden/networks/tiny-vgg', import.meta.url)));
  const changed = outOfPlace(description);
  const differing = Object.keys(description.modules).filter(
    (path) => JSON.stringify(changed.modules[path]) !== JSON.stringify(description.modules[path]),
  );
  expect(differing).toEqual(['features.1', 'features.4', 'features.7', 'features.9', 'classifier.1']);
});
