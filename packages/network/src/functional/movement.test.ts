import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Variable } from '../autograd/variable.js';
import { fromHost, nchwShape, scoped, toHost } from '../layout.js';
import { withGradient } from '../testing.js';
import { expand, flip, indexSelect, permute, reshape, roll, select, slice } from './functional.js';

type Index = readonly number[];

interface Case {
  readonly run: (x: Variable) => Variable;
  readonly shape: Index;
  readonly to: Index;
  /** Index of the result → of x, both in PyTorch's order; null: the same place in row-major order. */
  readonly from: ((index: Index) => Index) | null;
}

const reshaping = (shape: Index, to: Index, asked = to): Case => ({
  run: (x) => reshape(x, asked),
  shape,
  to,
  from: null,
});
const permuting = (shape: Index, dims: Index): Case => ({
  run: (x) => permute(x, dims),
  shape,
  to: dims.map((dim) => shape[dim]!),
  from: (index) => shape.map((_, dim) => index[dims.indexOf(dim)]!),
});
const expanding = (shape: Index, to: Index, asked = to): Case => ({
  run: (x) => expand(x, asked),
  shape,
  to,
  from: (index) => shape.map((size, dim) => (size === 1 ? 0 : index[dim + to.length - shape.length]!)),
});
const selecting = (shape: Index, dim: number, at: number): Case => ({
  run: (x) => select(x, dim, at),
  shape,
  to: shape.toSpliced(dim, 1),
  from: (index) => index.toSpliced(dim, 0, at),
});
const slicing = (shape: Index, dim: number, [start, end, step]: [number, number, number], size: number): Case => ({
  run: (x) => slice(x, dim, start, end, step),
  shape,
  to: shape.with(dim, size),
  from: (index) => index.with(dim, start + step * index[dim]!),
});
const choosing = (shape: Index, dim: number, chosen: Index): Case => ({
  run: (x) => indexSelect(x, dim, chosen),
  shape,
  to: shape.with(dim, chosen.length),
  from: (index) => index.with(dim, chosen[index[dim]!]!),
});
const rolling = (shape: Index, shifts: Index, dims: Index): Case => ({
  run: (x) => roll(x, shifts, dims),
  shape,
  to: shape,
  from: (index) =>
    dims.reduce(
      (at, dim, k) => at.with(dim, (((at[dim]! - shifts[k]!) % shape[dim]!) + shape[dim]!) % shape[dim]!),
      [...index],
    ),
});
const flipping = (shape: Index, dims: Index): Case => ({
  run: (x) => flip(x, dims),
  shape,
  to: shape,
  from: (index) => dims.reduce((at, dim) => at.with(dim, shape[dim]! - 1 - at[dim]!), [...index]),
});

const map = [2, 3, 4, 5];
const cases: Record<string, Case> = {
  'a map to tokens': reshaping(map, [2, 3, 20], [-1, 3, 20]),
  'tokens to a map': reshaping([2, 3, 20], map, [-1, 3, 4, 5]),
  'a map to windows': reshaping([2, 3, 4, 6], [2, 3, 2, 2, 3, 2]),
  'windows to a map': reshaping([2, 2, 3, 2, 2], [2, 6, 2, 2], [2, 6, -1, 2]),
  'a map to another': reshaping(map, [2, 5, 4, 3]),
  'all to a vector and one number to none': reshaping([1, 1, 1, 1], []),
  'a matrix turned over': permuting([2, 3], [1, 0]),
  'tokens and features': permuting([2, 3, 4], [0, 2, 1]),
  'channels last': permuting(map, [0, 2, 3, 1]),
  'channels first': permuting(map, [0, 3, 1, 2]),
  'all dimensions of a map': permuting(map, [3, 2, 0, 1]),
  'none moved': permuting(map, [0, 1, 2, 3]),
  'window rows next to window columns': permuting([2, 2, 3, 2, 2], [0, 1, 3, 2, 4]),
  'windows of a map': permuting([2, 2, 3, 2, 2, 3], [0, 1, 3, 2, 4, 5]),
  'six dimensions turned over': permuting([1, 2, 1, 3, 2, 2], [5, 4, 3, 2, 1, 0]),
  'five dimensions mixed': permuting([2, 3, 2, 3, 2], [4, 1, 3, 0, 2]),
  'five dimensions, the first in its place': permuting([2, 3, 2, 3, 2], [0, 3, 1, 4, 2]),
  'six dimensions, none next to another': permuting([2, 3, 2, 1, 2, 3, 2], [6, 3, 4, 2, 0, 5, 1]),
  'a class token for each image': expanding([1, 1, 3], [2, 1, 3], [2, -1, -1]),
  'a map of one pixel': expanding([2, 3, 1, 1], map),
  'a map of one channel': expanding([2, 1, 4, 5], map, [-1, 3, -1, -1]),
  'a vector to a map': expanding([5], map, [2, 3, 4, -1]),
  'a map to five dimensions': expanding([2, 1, 2, 3], [4, 2, 3, 2, 3]),
  'nothing more': expanding(map, map),
  'a token': selecting([2, 3, 4], 1, 0),
  'an image': selecting(map, 0, 1),
  'a channel': selecting(map, 1, 2),
  'a row': selecting(map, 2, 0),
  'a column': selecting(map, 3, 4),
  'queries of five dimensions': selecting([3, 2, 2, 4, 2], 0, 1),
  'the third of five dimensions': selecting([2, 2, 3, 2, 2], 2, 2),
  'one of a vector': selecting([3], 0, 1),
  'channels in the middle': slicing(map, 1, [1, 2, 1], 1),
  'rows to the end': slicing(map, 2, [1, 99, 1], 3),
  'every second column': slicing(map, 3, [1, 5, 2], 2),
  'every third of a vector': slicing([7], 0, [0, 7, 3], 3),
  'the whole': slicing(map, 1, [0, 3, 1], 3),
  'features of tokens': slicing([2, 3, 6], 2, [2, 4, 1], 2),
  'rows of a table, some twice, some never': choosing([5, 2], 0, [3, 0, 3, 3, 1]),
  'channels, backwards and one twice': choosing(map, 1, [2, 1, 0, 2]),
  'a map by rows and columns': rolling(map, [-1, 2], [2, 3]),
  'further than the size, channels and images': rolling(map, [7, -3], [1, 0]),
  'by nothing': rolling([2, 3], [0], [1]),
  'a map mirrored': flipping(map, [3]),
  'channels and rows backwards': flipping(map, [1, 2]),
  'five dimensions': flipping([2, 1, 3, 2, 2], [0, 2, 4]),
};

const strides = (shape: Index): number[] => shape.map((_, dim) => shape.slice(dim + 1).reduce((a, b) => a * b, 1));
const offset = (index: Index, shape: Index): number =>
  strides(shape).reduce((sum, stride, dim) => sum + stride * index[dim]!, 0);
const indexOf = (position: number, shape: Index): number[] =>
  strides(shape).map((stride, dim) => Math.floor(position / stride) % shape[dim]!);

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it.each(Object.entries(cases))('%s, and the gradient', async (_name, { run, shape, to, from }) => {
    const [size, count] = [shape, to].map((sizes) => sizes.reduce((a, b) => a * b, 1)) as [number, number];
    const source = Array.from({ length: count }, (_, i) => (from ? offset(from(indexOf(i, to)), shape) : i));
    const x = Float64Array.from({ length: size }, (_, i) => i + 1);
    const R = Float64Array.from({ length: count }, (_, i) => ((i * 7) % 11) - 5);
    const gradient = new Float64Array(size);
    for (const [i, at] of source.entries()) gradient[at]! += R[i]!;
    const before = tf.memory().numTensors;
    await scoped(async () => {
      const result = withGradient(run, fromHost({ shape, data: x }), fromHost({ shape: to, data: R }));
      expect(nchwShape(result.y.shape)).toEqual(to);
      expect(Array.from((await toHost(result.y)).data)).toEqual(source.map((at) => x[at]));
      expect(nchwShape(result.gradient.shape)).toEqual(shape);
      expect(Array.from((await toHost(result.gradient)).data)).toEqual(Array.from(gradient));
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.each<[string, (x: Variable) => Variable, Index]>([
  ['reshape to [3,-1] does not take [2,2]', (x) => reshape(x, [3, -1]), [2, 2]],
  ['reshape to [5] does not take [2,2]', (x) => reshape(x, [5]), [2, 2]],
  ['permute by [0,1] does not take [2]', (x) => permute(x, [0, 1]), [2]],
  ['expand to [3,2] does not take [2,2]', (x) => expand(x, [3, 2]), [2, 2]],
  ['expand to [2] does not take [2,2]', (x) => expand(x, [2]), [2, 2]],
  ['select 2 of dimension 1 does not take [2,2]', (x) => select(x, 1, 2), [2, 2]],
  ['slice from 1 of dimension 2 does not take [2,2]', (x) => slice(x, 2, 1, 2), [2, 2]],
  ['slice from 1 to 1 of dimension 0 does not take [2,2]', (x) => slice(x, 0, 1, 1), [2, 2]],
  ['roll does not take [2,2]', (x) => roll(x, [1], [2]), [2, 2]],
  ['flip does not take [2,2]', (x) => flip(x, [4]), [2, 2]],
])('%s', (message, run, shape) => {
  expect(() => tf.tidy(() => void withGradient(run, tf.zeros([...shape])))).toThrow(
    expect.objectContaining({ code: 'bad-input', message }),
  );
});
