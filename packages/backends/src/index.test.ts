import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { describe, expect, it, vi } from 'vitest';
import { backends, findBackend } from './index.js';
import { kernelsLosingNaN } from './kernels-losing-nan.js';
import { wasmFrom } from './wasm.js';

describe('registry', () => {
  it('registers nothing by being imported', () => {
    expect(backends.map(({ id }) => tf.findBackendFactory(id))).toEqual(backends.map(() => null));
  });

  it('names the nearest known backend', () => {
    expect(() => findBackend('wsam')).toThrow(
      expect.objectContaining({ code: 'unknown-name', message: expect.stringContaining('wsam') }),
    );
  });
});

describe('a missing binary', () => {
  it('makes wasm unavailable, by name, and open() throws with a hint', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'touchstone-wasm-'));
    try {
      const broken = wasmFrom(empty);
      expect(await broken.probe()).toEqual({
        status: 'unavailable',
        reason: expect.stringContaining('.wasm is missing'),
      });
      await expect(broken.open()).rejects.toMatchObject({
        code: 'backend-unavailable',
        hint: expect.stringContaining('npm ci'),
      });
    } finally {
      await rmdir(empty);
    }
  });
});

describe('traits', () => {
  it('wasm declares from how many channels on Winograd pays, cpu does not', async () => {
    const declared = async (id: string) => {
      await findBackend(id).open();
      return (tf.backend() as BackendTraits).winogradMinChannels;
    };
    expect([await declared('wasm'), await declared('cpu')]).toEqual([128, undefined]);
  });

  it.each(['cpu', 'wasm', 'float64'])(
    '%s declares the kernels that turn NaN into a number, and no other',
    async (id) => {
      await findBackend(id).open();
      expect([...((tf.backend() as BackendTraits).losesNaN ?? [])].sort()).toEqual(kernelsLosingNaN());
    },
  );
});

/** The backends that every machine has; the others have separate tests. */
const everywhere = backends.filter(({ id }) => ['cpu', 'wasm', 'float64'].includes(id));

describe.each(everywhere.map((backend) => [backend.id, backend] as const))('%s', (id, backend) => {
  it('opens silently, twice, and computes without leaving tensors', async () => {
    const spies = (['log', 'info', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
    await backend.open();
    await backend.open();
    expect(tf.getBackend()).toBe(id);
    const before = tf.memory().numTensors;
    const product = tf.tidy(() =>
      tf
        .matMul(
          tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          tf.tensor2d([[5], [6]]),
        )
        .dataSync(),
    );
    expect(Array.from(product)).toEqual([17, 39]);
    expect(tf.memory().numTensors).toBe(before);
    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
    expect(tf.env().getBool('PROD')).toBe(false);
  });

  it('probes as available with its true precision, and leaves the selected backend selected', async () => {
    await findBackend('cpu').open();
    const before = tf.memory().numTensors;
    expect(await backend.probe()).toEqual({
      status: 'available',
      device: expect.stringMatching(id === 'wasm' ? /^wasm (simd|without simd), 1 thread$/ : /V8/),
      softwareRenderer: false,
      precision: id === 'float64' ? 'float64' : 'float32',
    });
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.memory().numTensors).toBe(before);
  });
});
