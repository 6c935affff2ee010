/** With integers every half and every sum is exact, so the results must be equal. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { BackendTraits } from '@touchstone/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { grad } from '../autograd/backward.js';
import { loadNetwork } from '../modules/network.js';
import { chain, description, integers, integers4, leaf, start, values } from '../testing.js';
import { winogradConvolve, winogradKernel, winogradPays } from './winograd.js';

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it.each<{ name: string; shape: [number, number, number, number]; margins: [[number, number], [number, number]] }>([
    {
      name: 'an even size',
      shape: [1, 4, 6, 3],
      margins: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      name: 'an odd size, in a batch',
      shape: [3, 5, 7, 2],
      margins: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      name: 'without zeros around',
      shape: [2, 5, 4, 3],
      margins: [
        [0, 0],
        [0, 0],
      ],
    },
    {
      name: 'all that a full convolution wants',
      shape: [2, 3, 2, 4],
      margins: [
        [2, 2],
        [2, 2],
      ],
    },
    {
      name: 'more before than after, and cropped',
      shape: [1, 6, 7, 2],
      margins: [
        [2, 0],
        [-1, 1],
      ],
    },
    {
      name: 'one value',
      shape: [1, 1, 1, 1],
      margins: [
        [1, 1],
        [1, 1],
      ],
    },
    {
      name: 'one sum',
      shape: [1, 3, 3, 5],
      margins: [
        [0, 0],
        [0, 0],
      ],
    },
  ])('gives what a convolution gives: $name', ({ shape, margins: [rows, columns] }) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const [x, kernel] = [integers4(shape), integers4([3, 3, shape[3], 4], 1)];
      // TF.js's `pad` refuses to crop.
      const [top, left] = [Math.max(0, -rows[0]), Math.max(0, -columns[0])];
      const cut = tf.slice(x, [0, top, left, 0], [shape[0], shape[1] - top, shape[2] - left, shape[3]]);
      const padded = tf.pad(cut, [
        [0, 0],
        [Math.max(0, rows[0]), rows[1]],
        [Math.max(0, columns[0]), columns[1]],
        [0, 0],
      ]);
      const expected = tf.conv2d(padded, kernel, 1, 'valid');
      const y = winogradConvolve(x, winogradKernel(kernel), [rows, columns]);
      expect(y.shape).toEqual(expected.shape);
      expect(values(y)).toEqual(values(expected));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the input gradient of a convolution', () => {
  const shape = [2, 5, 4, 128] as const;
  const modules = chain({ conv: leaf.conv(128, 128, 3) });
  const weight = {
    shape: [128, 128, 3, 3],
    data: Float32Array.from({ length: 128 * 128 * 9 }, (_, i) => ((i * 7919 + (i >> 3)) % 7) - 3),
  };
  beforeAll(async () => {
    await tf.setBackend('wasm');
    Object.assign(tf.backend(), { winogradMinChannels: 128 } satisfies BackendTraits);
  });
  const answer = async (backend: string) => {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const network = loadNetwork(description(modules), {
      'conv.weight': weight,
      'conv.bias': { shape: [128], data: new Float32Array(128) },
    });
    const kept = tf.memory().numTensors - before;
    const found = tf.tidy(() => {
      const x = start(integers(shape));
      const y = network.call(x);
      const [gradient] = grad(y, integers(y.shape, 3), [x]);
      return { y: values(y.value), gradient: values(gradient!) };
    });
    network.dispose();
    expect(tf.memory().numTensors).toBe(before);
    return { ...found, kept };
  };

  it('is the same where Winograd’s algorithm computes it, with sixteen matrices for a kernel', async () => {
    const [plain, fast] = [await answer('cpu'), await answer('wasm')];
    expect(fast.gradient).toEqual(plain.gradient);
    expect(fast.y).toEqual(plain.y);
    expect([plain.kept, fast.kept]).toEqual([3, 18]);
  });

  it('pays where the backend declares it', async () => {
    const pays = async (backend: string) => {
      await tf.setBackend(backend);
      return [winogradPays(128, 128), winogradPays(127, 512), winogradPays(512, 64)];
    };
    expect(await pays('wasm')).toEqual([true, false, false]);
    expect(await pays('cpu')).toEqual([false, false, false]);
  });
});
