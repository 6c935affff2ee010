import type { GoldenMeta, HostTensor } from '../domain/index.js';

/**
 * How a golden samples a large stage: it keeps the values at 0, n, 2n, … in NCHW order, as one row.
 */
export type Sampling = GoldenMeta['sampled'][string];

export function valuesIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The sampled values of a whole stage, [⌈values/n⌉]. */
export function sample({ data }: HostTensor, { every }: Sampling): HostTensor {
  const kept =
    data instanceof Float64Array
      ? new Float64Array(Math.ceil(data.length / every))
      : new Float32Array(Math.ceil(data.length / every));
  for (let i = 0; i < kept.length; i++) kept[i] = data[i * every]!;
  return { shape: [kept.length], data: kept };
}

/** The index, one number per dimension, of the element at position `flat` of a row-major tensor. */
export function unravelIndex(flat: number, shape: readonly number[]): number[] {
  let rest = flat;
  const index: number[] = Array.from({ length: shape.length });
  for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
    const size = shape[dimension]!;
    index[dimension] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, dimension) => size === b[dimension]);
}
