import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { image, values } from '../testing.js';
import { resizeBicubic, resizeBilinear } from './resize-maps.js';
import type { Size2 } from './windows.js';

describe.each(['cpu', 'wasm'])('on %s', (backend) => {
  beforeAll(async () => {
    tf.enableProdMode();
    await tf.setBackend(backend);
  });

  it.each<{ name: string; x: number[][]; size: Size2; expected: number[] }>([
    { name: 'twice as long: half-pixel centres', x: [[0, 4]], size: [1, 4], expected: [0, 1, 3, 4] },
    { name: '3 to 2', x: [[0, 4, 12]], size: [1, 2], expected: [1, 10] },
    {
      name: 'the same size changes nothing',
      x: [
        [1, 2],
        [3, 4],
      ],
      size: [2, 2],
      expected: [1, 2, 3, 4],
    },
    { name: 'one pixel to many', x: [[7]], size: [2, 2], expected: [7, 7, 7, 7] },
    {
      name: 'both axes',
      x: [
        [0, 4],
        [8, 12],
      ],
      size: [4, 2],
      expected: [0, 4, 2, 6, 6, 10, 8, 12],
    },
    { name: 'downsampling reads two neighbours, without antialias', x: [[1, 2, 4, 8]], size: [1, 1], expected: [3] },
  ])('bilinear resizing: $name', ({ x, size, expected }) => {
    expect(values(resizeBilinear(image(x), size))).toEqual(expected);
  });
});

// torch 2.15, F.interpolate(mode='bicubic', align_corners=False)
it.each<{ name: string; size: Size2; expected: number[] }>([
  {
    name: 'both axes larger',
    size: [4, 7],
    expected: [
      1.015661, 1.230265, 2.319591, 4.215332, 8.713698, 3.923541, -4.286927, -0.783943, 2.584545, 4.211883, 2.190918,
      4.154357, 2.901532, -0.012567, 2.296444, 3.644242, 3.091867, 0.310059, 0.21031, 1.311301, 2.31246, 8.036896,
      3.64567, -0.233302, -0.071777, -0.276108, 0.298871, 1.01259,
    ],
  },
  {
    name: 'both smaller, without antialias',
    size: [2, 3],
    expected: [1.219473, 3.355469, 1.043837, 4.4239, 0.121094, 1.043837],
  },
])('bicubic resizing: $name', ({ size, expected }) => {
  tf.setBackend('cpu');
  const resized = values(
    resizeBicubic(
      image([
        [1, 2, 4, 8, -3],
        [0, 5, 1, 2, 2],
        [7, 1, 0, 0, 1],
      ]),
      size,
    ),
  );
  for (const [i, value] of expected.entries()) expect(resized[i]).toBeCloseTo(value, 5);
});
