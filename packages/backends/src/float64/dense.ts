import type { DataType } from '@tensorflow/tfjs-core';

/** What a kernel reads and returns: row-major doubles, whatever the dtype; bool as 0 and 1. Immutable. */
export interface Dense {
  readonly shape: number[];
  readonly dtype: DataType;
  readonly data: Float64Array;
}

/** `float32` is TF.js's dtype of real numbers; here they are doubles. */
export function real(shape: number[], data: Float64Array): Dense {
  return { shape, dtype: 'float32', data };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

/** Row-major strides in elements, one per dimension. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}
