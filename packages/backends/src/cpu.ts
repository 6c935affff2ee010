import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import type { Backend } from './backend.js';
import { probeBy, selectBackend } from './select.js';
import { registerSlices } from './slices.js';

const traits: BackendTraits = { losesNaN: ['max-pool'] };

export const cpu: Backend = {
  id: 'cpu',
  title: 'TF.js in plain JavaScript',
  deterministic: true,
  runtimes: ['process'],
  supportsWorkers: true,
  passBytes: 2 ** 27,
  multiplyAddsPerSecond: 2e8,
  probe: () =>
    probeBy(async () => {
      await open();
      return { device: `JavaScript, V8 ${process.versions.v8}`, softwareRenderer: false };
    }),
  open,
};

async function open(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  await selectBackend('cpu');
  registerSlices('cpu');
  Object.assign(tf.backend(), traits);
  withoutBanner(() => tf.scalar(0).dispose());
}

/** The backend's first write prints a hint to use tfjs-node, except in production mode, which is on for that write. */
function withoutBanner(firstWrite: () => void): void {
  const before = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    firstWrite();
  } finally {
    tf.env().set('PROD', before);
  }
}
