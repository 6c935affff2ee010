/** ReLU and ReLU6 that are NaN where x is NaN, on every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf, losesNaN, mayHoldNaN } from './magnitude.js';

export function reluOf<T extends tf.Tensor>(x: T): T {
  return bounded(keepNaN(x, tf.relu(x)), boundOf(x));
}

export function relu6Of<T extends tf.Tensor>(x: T): T {
  const y = keepNaN(x, tf.relu6(x));
  // Without a bound of x, y may hold NaN.
  return bounded(y, boundOf(x) === Infinity ? Infinity : Math.min(boundOf(x), 6));
}

function keepNaN<T extends tf.Tensor>(x: T, y: T): T {
  if (!losesNaN('relu') || !mayHoldNaN(x)) return y;
  return tf.where(tf.notEqual(x, x), tf.fill(x.shape, NaN), y) as T;
}
