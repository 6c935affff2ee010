import { createRequire } from 'node:module';
import type * as Union from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';

/** Registers TF.js's own gradients, which the core alone has not, for everybody in this process: for the probes and benchmarks of stock TF.js only. */
export function registerStockGradients(): void {
  const { engine } = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof Union;
  if ((engine() as unknown) !== tf.engine()) {
    throw new TouchstoneError(
      'internal',
      '@tensorflow/tfjs runs on an engine of its own, so its gradients are for another one',
      'Install one version of @tensorflow/tfjs-core: npm ci.',
    );
  }
}
