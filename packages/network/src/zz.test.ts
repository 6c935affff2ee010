import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
describe.each(['cpu', 'wasm'])('%s', (id) => {
  beforeAll(async () => { await tf.setBackend(id); });
  it('x', () => { expect([...tf.relu(tf.tensor1d([-1, 2])).dataSync()]).toEqual([0, 2]); expect(tf.getBackend()).toBe(id); });
});
