import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { cpu } from './cpu.js';
import { wasm } from './wasm.js';

beforeAll(async () => {
  await cpu.open();
  await wasm.open();
});

const counted = (...shape: number[]) => tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);

it.each<[name: string, run: () => tf.Tensor | tf.Tensor[]]>([
  ['all of it', () => tf.slice(counted(2, 3), [0, 0])],
  ['of a vector', () => tf.slice(counted(9), [2], [5])],
  ['whole rows', () => tf.slice(counted(4, 3, 5), [1, 0, 0], [2, -1, -1])],
  ['short runs', () => tf.slice(counted(3, 4, 5, 6), [1, 1, 2, 3], [2, 2, 2, 2])],
  ['long runs', () => tf.slice(counted(3, 4, 5, 40), [0, 1, 0, 3], [3, 3, 2, 30])],
  ['whole channels of some pixels', () => tf.slice(counted(2, 4, 5, 3), [0, 1, 2, 0], [2, 3, 3, 3])],
  ['six dimensions', () => tf.slice(counted(2, 3, 2, 3, 2, 3), [1, 0, 1, 1, 0, 0], [1, 2, 1, 2, 2, 2])],
  ['integers', () => tf.slice(tf.cast(counted(4, 4), 'int32'), [1, 1], [2, 3])],
  ['nothing', () => tf.slice(counted(4, 4), [1, 1], [0, 3])],
  ['pieces of channels', () => tf.split(counted(2, 3, 7), [1, 4, 2], 2)],
  ['pieces of rows', () => tf.split(counted(6, 3), 3)],
  ['pieces of the middle', () => tf.split(counted(2, 6, 3), 2, -2)],
  ['unstacked', () => tf.unstack(counted(3, 4, 2), 1)],
  ['unstacked at the end', () => tf.unstack(counted(3, 4), -1)],
])('%s: as the cpu backend', (_, run) => {
  const [actual, expected] = ['wasm', 'cpu'].map((backend) => {
    tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const answers = tf.tidy(() => {
      const tensors = [run()].flat();
      return tensors.map((tensor) => ({ shape: tensor.shape, type: tensor.dtype, values: [...tensor.dataSync()] }));
    }) as unknown;
    expect(tf.memory().numTensors).toBe(before);
    return answers;
  });
  expect(actual).toEqual(expected);
});
