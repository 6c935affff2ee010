import { parseNetwork } from '@touchstone/network';
import { expect, it } from 'vitest';
import { leaf } from '../core/testing.js';
import { samplesPerPass } from './samples-per-pass.js';

/** A convolution 1×1 from 1 to 10 channels and its ReLU: 20 activations a pixel, 240 bytes. */
const description = parseNetwork(
  {
    format: 'touchstone-network',
    version: 1,
    name: 'test',
    why: 'a test',
    input: { shape: [1, 10, 10] },
    modules: {
      '': {
        type: 'Sequential',
        inputs: ['v0'],
        calls: [
          { name: 'v1', module: 'conv', args: ['v0'] },
          { name: 'v2', module: 'relu', args: ['v1'] },
        ],
        output: 'v2',
      },
      conv: leaf.conv(1, 10),
      relu: leaf.relu,
    },
  },
  'test',
);

it.each([
  [[1, 1, 10, 10], 240_000, 10],
  [[1, 1, 10, 10], 239_999, 9],
  [[2, 1, 10, 10], 240_000, 5],
  [[1, 1, 20, 20], 240_000, 2],
  [[1, 1, 10, 10], 1, 1],
])('an input of %j and %i bytes: %i samples a pass', (input, passBytes, expected) =>
  expect(samplesPerPass(description, input, passBytes)).toBe(expected),
);
