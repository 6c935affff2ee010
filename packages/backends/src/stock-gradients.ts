import { createRequire } from 'node:module';
import type * as Union from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { missingPackage, TouchstoneError } from '@touchstone/contract';

/**
 * Registers TF.js's own gradients, which the core package lacks, for the whole process: only for the probes and
 * benchmarks of stock TF.js.
 */
export function registerStockGradients(): void {
  const { engine } = loadUnion();
  if ((engine() as unknown) !== tf.engine()) {
    throw new TouchstoneError(
      'internal',
      '@tensorflow/tfjs has its own copy of @tensorflow/tfjs-core, so its gradients are registered in another engine',
      'Run "npm ci" to install one version of @tensorflow/tfjs-core.',
    );
  }
}

function loadUnion(): typeof Union {
  try {
    return createRequire(import.meta.url)('@tensorflow/tfjs') as typeof Union;
  } catch (error) {
    throw missingPackage(error) ?? error;
  }
}
