import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../backend.js';
import { probeBy, selectBackend } from '../select.js';
import { Float64Backend } from './float64-backend.js';
import { registerKernels } from './kernels.js';

/** The oracle: TF.js kernels as plain loops over doubles; slow, simple, deterministic. */
export const float64: Backend = {
  id: 'float64',
  title: 'Touchstone in double precision (the oracle)',
  deterministic: true,
  ownKernels: true,
  runtimes: ['process'],
  supportsWorkers: true,
  passBytes: 2 ** 27,
  multiplyAddsPerSecond: 4e8,
  probe: () =>
    probeBy(async () => {
      await open();
      return { device: `JavaScript, V8 ${process.versions.v8}, doubles`, softwareRenderer: false };
    }),
  open,
};

async function open(): Promise<void> {
  if (!tf.findBackendFactory('float64')) {
    registerKernels('float64');
    tf.registerBackend('float64', () => new Float64Backend());
  }
  await selectBackend('float64');
}
