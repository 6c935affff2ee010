import { expect, it } from 'vitest';
import { chain, description, leaf } from '../testing.js';
import { multiplyAddsOf } from './multiply-adds.js';

it('convolutions and Linear count, groups and strides too', () => {
  const conv = leaf.conv(4, 6);
  const grouped = {
    ...conv,
    attributes: { ...conv.attributes, groups: 2, kernelSize: [3, 3], stride: [2, 2], padding: [1, 1] },
  };
  const flatten = { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } };
  const linear = { type: 'Linear', attributes: { inFeatures: 24, outFeatures: 5, bias: true } };
  const network = description(
    chain({ grouped, relu: { type: 'ReLU', attributes: { inplace: false } }, flatten, linear }),
  );
  expect(multiplyAddsOf(network, [3, 4, 4, 4])).toBe(3 * (6 * 2 * 2 * (2 * 9) + 24 * 5));
});
