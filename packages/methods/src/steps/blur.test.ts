import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { fromHost, scoped, toHost } from '@touchstone/network';
import { beforeAll, expect, it } from 'vitest';
import { blurred } from './blur.js';
import { tensor } from '../core/testing.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// scipy 1.17: gaussian_filter1d along both axes
it.each([
  {
    sigma: 0.5,
    expected: [
      1.047673, 2.313798, 3.923398, 5.916406, -1.415495, 1.216565, 3.566198, 1.666108, 2.18429, 1.473554, 5.734971,
      1.801179, 0.261573, 0.299376, 1.010407,
    ],
  },
  {
    sigma: 1,
    expected: [
      1.722567, 2.455217, 3.198774, 2.781801, 1.060481, 2.492149, 2.440305, 2.266316, 1.90497, 1.192356, 3.618076,
      2.449619, 1.354906, 1.025963, 1.0365,
    ],
  },
  {
    sigma: 2,
    expected: [
      2.382894, 2.303979, 2.137402, 1.91937, 1.75707, 2.418648, 2.30201, 2.089818, 1.84565, 1.677161, 2.454598,
      2.300169, 2.04226, 1.771857, 1.597114,
    ],
  },
])('σ = $sigma; a radius larger than the image is mirrored more than once', async ({ sigma, expected }) => {
  const image = tensor([1, 1, 3, 5], [1, 2, 4, 8, -3, 0, 5, 1, 2, 2, 7, 1, 0, 0, 1]);
  const { shape, data } = await scoped(() => toHost(blurred(fromHost(image) as tf.Tensor4D, sigma)));
  expect(shape).toEqual([1, 1, 3, 5]);
  for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
});
