/**
 * Numbers with which a shallow network computes exactly in float64 (and mostly in float32): few bits after the point,
 * never zero. A tie or a zero is then one in every engine, whatever its order of summation.
 */
import { Random, type HostTensor } from '@touchstone/contract';

/** Odd multiples of 1/64 between −2 and 2. */
export function oddSixtyFourths(seed: number, stream: string, shape: readonly number[]): HostTensor {
  return seeded(seed, stream, shape, (random) => (2 * random.integer(-64, 63) + 1) / 64);
}

/** Multiples of 1/16 between −1 and 1, without 0. */
export function sixteenths(seed: number, stream: string, shape: readonly number[]): HostTensor {
  return seeded(seed, stream, shape, (random) => (random.pick([-1, 1]) * random.integer(1, 16)) / 16);
}

/** With ε = 1/4 their square roots are ½, 1 and 2. */
export function variances(seed: number, stream: string, shape: readonly number[]): HostTensor {
  return seeded(seed, stream, shape, (random) => random.pick([0, 0.75, 3.75]));
}

function seeded(seed: number, stream: string, shape: readonly number[], draw: (random: Random) => number): HostTensor {
  const random = new Random(seed, stream);
  return {
    shape: [...shape],
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw(random)),
  };
}
