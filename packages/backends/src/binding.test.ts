import { existsSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bindingFolder, openBinding } from './binding.js';

// In a separate file, because a process has the library for one name only.
describe.skipIf(!existsSync(bindingFolder))(
  'the binding under another name than TF.js gives it, as for cuda (skipped where TensorFlow is not set up)',
  () => {
    it('runs kernels, which ask for the backend by its first name', async () => {
      await openBinding(bindingFolder, { id: 'renamed', device: 'cpu', kernels: [] });
      expect(tf.getBackend()).toBe('renamed');
      const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync());
      expect([...product]).toEqual([11]);
    });
  },
);
