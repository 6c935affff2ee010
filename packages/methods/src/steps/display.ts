/** The numbers of an attribution's image, as the sources show them; [N,H,W,C], each image of the batch by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { z } from 'zod';

export type Display = (gradient: tf.Tensor4D) => tf.Tensor4D;

export const displayParameter = z
  .boolean()
  .default(false)
  .describe('also the stage "display": the numbers of the image');

const perPicture = [1, 2, 3];

/** 0.5 + g/(2·max|g|): grey is zero. */
export const displayGradient: Display = (g) =>
  tf.add(half(), tf.div(g, tf.mul(constant([2], []), orOne(tf.max(tf.abs(g), perPicture, true)))));

/** (g − mean)/std·0.1 + 0.5, clipped to [0,1]; the standard deviation divides by the number of values. */
export const displayGuided: Display = (g) =>
  tf.clipByValue(tf.add(tf.mul(standardised(g), constant([0.1], [])), half()), 0, 1);

/** g/max g + 0.5; where nothing is positive, 0.5. */
export const displayDeconv: Display = (g) => {
  const high = tf.relu(tf.max(g, perPicture, true));
  return tf.add(tf.mul(tf.div(g, orOne(high)), tf.step(high)), half());
};

export function standardised(g: tf.Tensor4D): tf.Tensor4D {
  const centred = tf.sub(g, mean(g));
  return tf.div(centred, orOne(tf.sqrt(mean(tf.square(centred)))));
}

function half(): tf.Tensor {
  return constant([0.5], []);
}

/** Axis by axis: WASM adds up in float32, and the shorter sums keep their digits. */
function mean(g: tf.Tensor): tf.Tensor4D {
  return tf.mean(tf.mean(tf.mean(g, 2, true), 1, true), 3, true);
}

/** What is divided by: 1 instead of 0. */
export function orOne(size: tf.Tensor): tf.Tensor {
  return tf.where(tf.equal(size, tf.zerosLike(size)), tf.onesLike(size), size);
}
