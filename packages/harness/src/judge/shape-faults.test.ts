import { permute, type HostTensor } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { declaredNhwc, lostAxes } from './shape-faults.js';

const counting = (...shape: number[]): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i),
});
/** What becomes of a tensor that a port with the layout NHWC returns. */
const converted = (tensor: HostTensor): HostTensor => permute(tensor, [0, 3, 1, 2]);

it.each<[string, HostTensor, readonly number[], boolean]>([
  ['another shape is enough', counting(2, 1, 5, 7), [2, 1, 5, 7], true],
  ['the same shape needs the values', counting(2, 3, 3, 3), [2, 3, 3, 3], true],
  ['another order of the axes', counting(2, 5, 1, 7), [2, 1, 5, 7], false],
])('NHWC is declared and NCHW returned: %s', (_, returned, expected, isSo) => {
  const isRight = ({ data }: HostTensor): boolean => data.every((value, i) => value === i);
  expect(declaredNhwc(converted(returned), expected, 'NHWC', isRight) !== null).toBe(isSo);
  expect(declaredNhwc(converted(returned), expected, 'NCHW', isRight)).toBeNull();
  if (expected[1] === 3) expect(declaredNhwc(converted(returned), expected, 'NHWC', () => false)).toBeNull();
});

it.each<[number[], number[], string | null]>([
  [[32, 32], [1, 1, 32, 32], 'Keep the axis of the images (N) and that of the channels (C): return [N,C,H,W]. Run'],
  [[4, 32, 32], [4, 1, 32, 32], 'Keep the axis of the channels (C): return'],
  [[32, 32], [4, 1, 32, 32], null],
  [[1, 1, 32, 32], [1, 1, 32, 32], null],
])('the lost axes of %j for %j are named', (given, expected, remedy) => {
  const found = lostAxes(counting(...given), expected);
  if (remedy === null) expect(found).toBeNull();
  else expect(found?.remedy).toContain(remedy);
});
