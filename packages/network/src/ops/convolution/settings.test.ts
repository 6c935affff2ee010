import { expect, it } from 'vitest';
import { plainConvolution } from '../../testing.js';
import { tooSmallFor, type ConvolutionSettings } from './settings.js';

it.each<{ more: Partial<ConvolutionSettings>; expected: { from: number; extent: number } | null }>([
  { more: {}, expected: null },
  { more: { dilation: [2, 2] }, expected: { from: 4, extent: 5 } },
  { more: { dilation: [3, 1] }, expected: { from: 5, extent: 7 } },
  { more: { dilation: [3, 1], padding: [1, 0] }, expected: null },
  {
    more: {
      dilation: [1, 2],
      frame: [
        [0, 0],
        [1, 0],
      ],
    },
    expected: null,
  },
  {
    more: {
      frame: [
        [-1, -2],
        [0, 0],
      ],
    },
    expected: { from: 5, extent: 3 },
  },
])('a kernel of 3 × 3 is too large for 5 × 4 with $more: $expected', ({ more, expected }) =>
  expect(tooSmallFor({ ...plainConvolution, ...more }, [5, 4])).toEqual(expected),
);
