import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { counted, TouchstoneError, type BackendTraits } from '@touchstone/contract';
import type { Backend, Device } from './backend.js';
import { probeBy, selectBackend } from './select.js';
import { registerSlices } from './slices.js';

/** benchmarks/README.md has the measurement. */
const traits: BackendTraits = {
  winogradMinChannels: 128,
  onlyPlainProductsAreFast: true,
  groupsInSpace: true,
  losesNaN: ['convolution', 'relu', 'max-pool'],
  hasAccurateErf: true,
};

/** `folder` holds the binaries (`tfjs-backend-wasm*.wasm`); they are read from disk, never fetched. */
export function wasmFrom(folder: string): Backend {
  const open = async (): Promise<Device> => {
    const { setWasmPaths, setThreadsCount, getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    const binary = simd ? 'tfjs-backend-wasm-simd.wasm' : 'tfjs-backend-wasm.wasm';
    if (!existsSync(join(folder, binary))) {
      throw new TouchstoneError(
        'backend-unavailable',
        `${binary} is missing from @tensorflow/tfjs-backend-wasm`,
        'Run "npm ci" to install the dependencies again.',
      );
    }
    setWasmPaths(folder + sep);
    // In Node.js a second thread makes the forward pass slower, and one thread always sums in the same order.
    setThreadsCount(1);
    await selectBackend('wasm');
    Object.assign(tf.backend(), traits);
    registerSlices('wasm');
    const threads = getThreadsCount();
    return {
      device: `wasm ${simd ? 'simd' : 'without simd'}, ${counted(threads, 'thread')}`,
      softwareRenderer: false,
    };
  };
  return {
    id: 'wasm',
    title: 'TF.js in WebAssembly (XNNPACK)',
    deterministic: true,
    runtimes: ['process'],
    supportsWorkers: true,
    passBytes: 2 ** 29,
    multiplyAddsPerSecond: 3e9,
    probe: () => probeBy(open),
    open: async () => {
      await open();
    },
  };
}

export const wasm = wasmFrom(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')));
