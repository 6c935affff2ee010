import * as tf from '@tensorflow/tfjs-core';
import type { Availability } from './backend.js';

export type Precision = Extract<Availability, { status: 'available' }>['precision'];

/** The k for which 1 + 2⁻ᵏ must be exact: float64 has 52 fraction bits, float32 23, float16 and TF32 10, bfloat16 7. */
const tiers: readonly (readonly [Precision, number])[] = [
  ['float64', 40],
  ['float32', 20],
  ['float16', 10],
];

/** The best precision whose bits a sum, a matrix product and a convolution all keep; null: not even float16. */
export async function measurePrecision(): Promise<Precision | null> {
  for (const [precision, bits] of tiers) {
    if (await keeps(2 ** -bits)) return precision;
  }
  return null;
}

async function keeps(step: number): Promise<boolean> {
  const results = tf.tidy(() => {
    const [one, small] = [tf.ones([256, 64]), tf.scalar(step)];
    const identity = tf.eye(64);
    // Computed on the backend: an uploaded value may be rounded.
    const sum = tf.add(one, small);
    const [map, kernel] = [
      tf.reshape<tf.Rank.R4>(sum, [1, 16, 16, 64]),
      tf.reshape<tf.Rank.R4>(identity, [1, 1, 64, 64]),
    ];
    return [sum, tf.matMul(sum, identity), tf.conv2d(map, kernel, 1, 'valid')].map((result) =>
      tf.slice(tf.reshape(result, [-1]), 0, 1),
    );
  });
  try {
    for (const result of results) {
      if ((await result.data())[0] !== 1 + step) return false;
    }
    return true;
  } finally {
    tf.dispose(results);
  }
}
