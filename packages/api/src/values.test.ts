import { expect, it } from 'vitest';
import { readAnswer, readValues, shaped, type Answer, type Values } from './values.js';

const six = [1, 2, 3, 4, 5, 6];
const endless: unknown[] = [];
endless.push(endless, endless, endless, endless);
const [flat, nested] = [
  six,
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
];

it.each<[string, Values, readonly number[] | null]>([
  ['a flat list', flat, null],
  ['a Float32Array', Float32Array.from(six), null],
  ['nested lists', nested, [2, 3]],
  ['a shape and a list', { shape: [3, 2], data: six }, [3, 2]],
  ['a tensor of TensorFlow.js', { shape: [6], data: async () => Float32Array.from(six) }, [6]],
])('%s is read', async (_, values, shape) => {
  const read = await readValues(values, 'x');
  expect([read.shape, ...read.data]).toEqual([shape, ...six]);
});

it.each<[string, unknown]>([
  ['null', null],
  ['text', 'abc'],
  ['a list with text', ['1', 2]],
  ['lists of different lengths', [[1, 2], [3]]],
  ['another number of values', { shape: [2, 2], data: six }],
  ['a shape without values', { shape: [2, 2] }],
  ['lists of different lengths, as many values as the first says', [[1, 2], [3], [4, 5, 6]]],
  ['a list that has itself', endless],
  ['a length without values', { shape: [1e9], data: { length: 1e9 } }],
  ['text as values', { shape: [3], data: '123' }],
  ['texts as values', { shape: [2], data: ['1', '2'] }],
  ['large integers', { shape: [2], data: BigInt64Array.of(1n, 2n) }],
  ['negative sizes', { shape: [-2, -3], data: six }],
])('%s is refused', async (_, values) => {
  await expect(readValues(values as Values, 'x')).rejects.toMatchObject({ code: 'bad-tensors' });
});

it('values without a shape have the right one, in their layout', async () => {
  const read = await readValues(six, 'x');
  expect(shaped(read, [1, 3, 1, 2], 'NHWC').shape).toEqual([1, 1, 2, 3]);
  expect(shaped(read, [1, 3, 1, 2], 'NCHW').shape).toEqual([1, 3, 1, 2]);
  expect(shaped(read, [2, 2], 'NCHW').shape).toEqual([6]);
});

it.each<[string, Answer, string | undefined, string[]]>([
  ['a map', flat, undefined, ['attribution']],
  ['values of a stage', flat, 'gradient', ['gradient']],
  ['stages', { attribution: flat, gradient: nested }, undefined, ['attribution', 'gradient']],
])('%s as an answer', async (_, answer, stage, names) => {
  expect(Object.keys(await readAnswer(answer, stage))).toEqual(names);
});
