import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cpu } from './cpu.js';
import { wasm } from './wasm.js';

beforeAll(async () => {
  await wasm.open();
  await cpu.open();
});
afterAll(() => tf.setBackend('cpu'));

/** The values are their own positions. */
const counted = (...shape: number[]) => tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);

interface Piece {
  readonly from: number[];
  readonly size: number[];
  /** Left out: `size`. */
  readonly shape?: number[];
}

/** What a slice of `counted(...whole)` holds. */
function positions(whole: readonly number[], from: readonly number[], size: readonly number[], start = 0): number[] {
  if (whole.length === 0) return [start];
  const [length, ...inner] = whole;
  return Array.from({ length: size[0]! }, (_, i) =>
    positions(inner, from.slice(1), size.slice(1), start * length! + from[0]! + i),
  ).flat();
}

const cases: [name: string, whole: number[], run: (x: tf.Tensor) => tf.Tensor | tf.Tensor[], pieces: Piece[]][] = [
  ['all of it', [2, 3], (x) => tf.slice(x, [0, 0]), [{ from: [0, 0], size: [2, 3] }]],
  ['of a vector', [9], (x) => tf.slice(x, [2], [5]), [{ from: [2], size: [5] }]],
  ['whole rows', [4, 3, 5], (x) => tf.slice(x, [1, 0, 0], [2, -1, -1]), [{ from: [1, 0, 0], size: [2, 3, 5] }]],
  [
    'short runs',
    [3, 4, 5, 6],
    (x) => tf.slice(x, [1, 1, 2, 3], [2, 2, 2, 2]),
    [{ from: [1, 1, 2, 3], size: [2, 2, 2, 2] }],
  ],
  [
    'long runs',
    [3, 4, 5, 40],
    (x) => tf.slice(x, [0, 1, 0, 3], [3, 3, 2, 30]),
    [{ from: [0, 1, 0, 3], size: [3, 3, 2, 30] }],
  ],
  [
    'whole channels of some pixels',
    [2, 4, 5, 3],
    (x) => tf.slice(x, [0, 1, 2, 0], [2, 3, 3, 3]),
    [{ from: [0, 1, 2, 0], size: [2, 3, 3, 3] }],
  ],
  [
    'six dimensions',
    [2, 3, 2, 3, 2, 3],
    (x) => tf.slice(x, [1, 0, 1, 1, 0, 0], [1, 2, 1, 2, 2, 2]),
    [{ from: [1, 0, 1, 1, 0, 0], size: [1, 2, 1, 2, 2, 2] }],
  ],
  ['integers', [4, 4], (x) => tf.slice(tf.cast(x, 'int32'), [1, 1], [2, 3]), [{ from: [1, 1], size: [2, 3] }]],
  ['nothing', [4, 4], (x) => tf.slice(x, [1, 1], [0, 3]), [{ from: [1, 1], size: [0, 3] }]],
  [
    'of a slice of rows',
    [6, 5],
    (x) => tf.slice(tf.slice(x, [2, 0], [3, 5]), [1, 1], [2, 3]),
    [{ from: [3, 1], size: [2, 3] }],
  ],
  [
    'pieces of channels',
    [2, 3, 7],
    (x) => tf.split(x, [1, 4, 2], 2),
    [
      { from: [0, 0, 0], size: [2, 3, 1] },
      { from: [0, 0, 1], size: [2, 3, 4] },
      { from: [0, 0, 5], size: [2, 3, 2] },
    ],
  ],
  ['pieces of rows', [6, 3], (x) => tf.split(x, 3), [0, 2, 4].map((row) => ({ from: [row, 0], size: [2, 3] }))],
  [
    'pieces of the middle',
    [2, 6, 3],
    (x) => tf.split(x, 2, -2),
    [0, 3].map((row) => ({ from: [0, row, 0], size: [2, 3, 3] })),
  ],
  [
    'unstacked',
    [3, 4, 2],
    (x) => tf.unstack(x, 1),
    [0, 1, 2, 3].map((i) => ({ from: [0, i, 0], size: [3, 1, 2], shape: [3, 2] })),
  ],
  [
    'unstacked at the end',
    [3, 4],
    (x) => tf.unstack(x, -1),
    [0, 1, 2, 3].map((i) => ({ from: [0, i], size: [3, 1], shape: [3] })),
  ],
];

describe.each(['cpu', 'wasm'])('%s', (backend) => {
  it.each(cases)('%s', (_, whole, run, expected) => {
    tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const answers = tf.tidy(() => {
      const tensors = [run(counted(...whole))].flat();
      return tensors.map((tensor) => ({ shape: tensor.shape, values: [...tensor.dataSync()] }));
    }) as unknown;
    expect(tf.memory().numTensors).toBe(before);
    expect(answers).toEqual(
      expected.map(({ from, size, shape = size }) => ({ shape, values: positions(whole, from, size) })),
    );
  });
});

it('leaves text to TF.js', () => {
  tf.setBackend('cpu');
  const x = tf.tensor2d(['a', 'b', 'c', 'd', 'e', 'f'], [2, 3], 'string');
  const slice = tf.slice(x, [0, 1], [2, 2]);
  const words: unknown = slice.dataSync();
  tf.dispose([x, slice]);
  expect(words).toEqual(['b', 'c', 'e', 'f']);
});
