import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { image, integers4, start, values, withGradient } from '../testing.js';
import { avgPool2d, batchNorm, conv2d, flatten, maxPool2d, zeroPad2d } from './functional.js';
import { indexSelect } from './along-dim.js';
import { kernelsOf } from '../ops/convolution/kernels.js';
import { pytorchRules } from '../rules.js';

beforeAll(() => tf.setBackend('cpu'));

it.each([
  [1, 2, 3, 4],
  [2, 1, 0, 0],
  [0, 0, 1, 3],
] as const)('the gradient of padding by %i, %i, %i and %i is what the image has of it', (left, right, top, bottom) => {
  const R = integers4([1, 2 + top + bottom, 3 + left + right, 1], 1);
  const { y, gradient } = withGradient((v) => zeroPad2d(v, [left, right, top, bottom]), integers4([1, 2, 3, 1]), R);
  expect(y.shape).toEqual(R.shape);
  const inside = (padded: tf.Tensor) => values(tf.slice(padded, [0, top, left, 0], [1, 2, 3, 1]));
  expect(inside(y)).toEqual(values(integers4([1, 2, 3, 1])));
  expect(values(gradient)).toEqual(inside(R));
});

it('flatten of one dimension is the tensor itself', () => {
  const x = start(integers4([1, 2, 2, 2]));
  expect(flatten(x, 1, 1)).toBe(x);
  expect(flatten(x, -1, 3)).toBe(x);
});

const square = { kernelSize: [3, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 1], ceilMode: false } as const;
const convolution = { ...square, groups: 1, inChannels: 1, outChannels: 1 };
const kernels = () => kernelsOf(tf.ones<tf.Rank.R4>([1, 3, 3, 1]), convolution);
const small = () => start(image([[1], [2], [3], [4]]));

it.each<{ name: string; run: () => unknown; message: string; hint?: string }>([
  {
    name: 'a max pool',
    run: () => maxPool2d(small(), square, pytorchRules),
    message: 'pooling with a kernel of 3 has no output on an input of 1',
  },
  {
    name: 'an average pool',
    run: () => avgPool2d(small(), { ...square, countIncludePad: true, divisorOverride: null }),
    message: 'pooling with a kernel of 3 has no output on an input of 1',
  },
  {
    name: 'a convolution',
    run: () => conv2d(small(), null, null, kernels(), convolution),
    message: 'convolution with a kernel of 3 has no output on an input of 1',
  },
  {
    name: 'a dilated convolution',
    run: () => conv2d(small(), null, null, kernels(), { ...convolution, padding: [0, 1], dilation: [2, 1] }),
    message: 'convolution with a kernel of 5 has no output on an input of 4',
  },
  {
    name: 'batch normalisation',
    run: () => batchNorm(small(), tf.zeros([3]), tf.ones([3]), null, null, 1),
    message: 'batch normalisation over 3 channels received 1',
  },
  {
    name: 'a selection',
    run: () => indexSelect(small(), 2, [4]),
    message: 'index 4 is outside a dimension of size 4',
    hint: 'Give integers from 0 to 3.',
  },
])('$name says what does not fit', ({ run, message, hint }) => {
  expect(run).toThrow(expect.objectContaining({ message, hint: hint ?? (expect.any(String) as string) }));
});
