import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { axisOf, constant, fromHost, fromNchw, nchwShape, scoped, toHost } from './layout.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

describe('layouts', () => {
  // Two images of 3 channels, 2 rows, 4 columns: no two extents agree, so every swap of axes shows.
  const host = { shape: [2, 3, 2, 4], data: Float32Array.from({ length: 48 }, (_, i) => i) };

  it('permutes NCHW memory to NHWC and changes nothing else', () => {
    const inside = fromHost(host);
    expect(inside.shape).toEqual([2, 2, 4, 3]);
    const at = (n: number, c: number, y: number, x: number) => ((n * 3 + c) * 2 + y) * 4 + x;
    const seen = inside.arraySync() as number[][][][];
    for (const [n, c, y, x] of [
      [0, 0, 0, 0],
      [0, 2, 1, 3],
      [1, 0, 1, 2],
      [1, 2, 0, 1],
    ] as const)
      expect(seen[n]![y]![x]![c]).toBe(at(n, c, y, x));
  });

  it.each([[[2, 3, 2, 4]], [[1, 1, 5, 1]], [[0, 3, 2, 2]], [[4, 6]], [[24]], [[]], [[2, 3, 4]], [[2, 1, 2, 3, 2]]])(
    'returns %j unchanged',
    async (shape: number[]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const original = { shape, data: Float32Array.from({ length: size }, (_, i) => i - 3) };
      expect(await toHost(fromHost(original))).toEqual(original);
    },
  );

  it.each([
    { name: 'an integer tensor', make: () => tf.tensor1d([1, 0], 'int32') },
    { name: 'a tensor of truth values', make: () => tf.greater(tf.tensor1d([1, 2]), tf.tensor1d([0, 3])) },
  ])('returns $name as floats', async ({ make }) => {
    const { data } = await toHost(make());
    expect(data).toBeInstanceOf(Float32Array);
    expect([...data]).toEqual([1, 0]);
  });

  it('returns a copy', async () => {
    const tensor = constant([1, 2], [2]);
    (await toHost(tensor)).data[0] = 9;
    expect([...tensor.dataSync()]).toEqual([1, 2]);
  });

  it('leaves no tensor', async () => {
    const tensor = tf.ones([1, 2, 2, 3]);
    const before = tf.memory().numTensors;
    await toHost(tensor);
    expect(tf.memory().numTensors).toBe(before);
    tensor.dispose();
  });

  it('takes a copy', () => {
    const mine = Float32Array.of(1, 2);
    const tensor = constant(mine, [2]);
    mine[0] = 9;
    expect([...tensor.dataSync()]).toEqual([1, 2]);
  });

  it('counts dimensions as PyTorch does', () => {
    expect(nchwShape([2, 5, 7, 3])).toEqual([2, 3, 5, 7]);
    expect(nchwShape([2, 3])).toEqual([2, 3]);
    expect([0, 1, 2, 3, -1, -3].map((dim) => axisOf(dim, 4))).toEqual([0, 3, 1, 2, 2, 3]);
    expect([0, 1, -1].map((dim) => axisOf(dim, 2))).toEqual([0, 1, 1]);
  });
});

describe('scoped', () => {
  it('disposes what was made in it, also after an await', async () => {
    const before = tf.memory().numTensors;
    const result = await scoped(async () => {
      const a = fromNchw(tf.ones([1, 2, 3, 4]));
      await Promise.resolve();
      return toHost(tf.add(a, a));
    });
    expect(result.shape).toEqual([1, 2, 3, 4]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('disposes when it throws, and passes the error on', async () => {
    const before = tf.memory().numTensors;
    const failing = scoped(async () => {
      tf.ones([2]);
      await Promise.resolve();
      tf.ones([3]);
      throw new Error('halfway');
    });
    await expect(failing).rejects.toThrow('halfway');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps older tensors', async () => {
    const older = tf.ones([2]);
    await scoped(async () => toHost(tf.add(older, older)));
    expect(older.isDisposed).toBe(false);
    older.dispose();
  });
});
