import * as tf from '@tensorflow/tfjs-core';
import { cpu } from '../cpu.js';
import { float64 } from './index.js';

/** For tests: the float64 kernels next to those of TF.js's cpu backend, in one process. */
export async function openBoth(): Promise<void> {
  await cpu.open();
  await float64.open();
  tf.env().set('IS_TEST', true); // TF.js then counts the data that each kernel leaves behind
}

/** Values with zeros, ties and both signs, exact in float32: multiples of ¼ in [−2, 2]. */
export function sample(shape: number[], seed = 0): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => ((((i + 1) * 7919 + seed * 104_729) % 17) - 8) / 4),
    shape,
  );
}

interface Result {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: number[];
}

/**
 * Runs `compute` on both backends.
 * @throws Error when results differ by more than float32's error, or when float64 has a tensor or data id left
 */
export function assertAgreement(compute: () => tf.Tensor | tf.Tensor[]): void {
  const expected = resultsOn('cpu', compute);
  const actual = resultsOn('float64', compute);
  if (actual.length !== expected.length) throw new Error(`${actual.length} results, cpu has ${expected.length}`);
  expected.forEach((result, i) => compare(actual[i]!, result));
}

/** For tests: checks what only the float64 backend gets right. */
export function onFloat64(check: () => void): void {
  tf.setBackend('float64');
  tf.tidy(() => {
    check();
  });
}

function resultsOn(backend: string, compute: () => tf.Tensor | tf.Tensor[]): Result[] {
  const before = tf.getBackend();
  tf.setBackend(backend);
  try {
    const tensors = tf.memory().numTensors;
    const data = tf.backend().numDataIds();
    let results: Result[] = [];
    tf.tidy(() => {
      results = [compute()]
        .flat()
        .map((tensor) => ({ shape: tensor.shape, dtype: tensor.dtype, values: Array.from(tensor.dataSync()) }));
    });
    if (tf.memory().numTensors !== tensors || tf.backend().numDataIds() !== data)
      throw new Error(`${backend} has tensors left`);
    return results;
  } finally {
    tf.setBackend(before);
  }
}

function compare(actual: Result, expected: Result): void {
  const describe = ({ shape, dtype }: Result): string => `${dtype} [${shape.join(', ')}]`;
  if (describe(actual) !== describe(expected)) throw new Error(`${describe(actual)}, cpu has ${describe(expected)}`);
  const scale = Math.max(1, ...expected.values.filter(Number.isFinite).map(Math.abs));
  expected.values.forEach((value, i) => {
    const same =
      Object.is(value, actual.values[i]) ||
      value === actual.values[i] ||
      Math.abs(value - actual.values[i]!) <= 2e-6 * scale;
    if (!same) throw new Error(`at ${i} of [${expected.shape.join(', ')}]: ${actual.values[i]}, cpu has ${value}`);
  });
}
