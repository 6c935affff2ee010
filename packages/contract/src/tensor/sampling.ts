import type { GoldenMeta, HostTensor } from '../domain/index.js';

/**
 * What a golden keeps of a large stage: the values at 0, n, 2n, … of all that its shape holds, in NCHW order, as one
 * row.
 */
export type Sampling = GoldenMeta['sampled'][string];

export function valuesIn(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The kept values of a stage that has the sampling's shape, [⌈values/n⌉]. */
export function sample({ data }: HostTensor, { every }: Sampling): HostTensor {
  const kept =
    data instanceof Float64Array
      ? new Float64Array(Math.ceil(data.length / every))
      : new Float32Array(Math.ceil(data.length / every));
  for (let i = 0; i < kept.length; i++) kept[i] = data[i * every]!;
  return { shape: [kept.length], data: kept };
}

/** Where the element that stands at `flat` in a tensor's memory is, one number per dimension. */
export function placeOf(flat: number, shape: readonly number[]): number[] {
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
