import { findBackend } from '@touchstone/backends';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { amplitudeOf } from './amplitude.js';
import { anyNetwork } from './arbitraries/networks.js';

beforeAll(() => findBackend('float64').open());

/** A law takes what has no amplitude for exact: rounding of terms that cancel would break it. */
test('every network has an amplitude, also where a ReLU in place follows a ReLU6', async () => {
  const networks = fc.sample(anyNetwork, { seed: 3, numRuns: 300 });
  expect(networks.some(({ description }) => /"ReLU6".*"inplace":true/.test(JSON.stringify(description)))).toBe(true);
  for (const generated of networks) {
    const [channels, height, width] = generated.description.input.shape;
    const x = { shape: [1, channels, height, width], data: new Float32Array(channels * height * width).fill(-0.5) };
    expect(await amplitudeOf(generated, x)).toBeGreaterThanOrEqual(0);
  }
});
