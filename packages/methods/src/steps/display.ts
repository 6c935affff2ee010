/** The numbers that the papers draw for an attribution; [N,H,W,C], each image of the batch by itself. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { z } from 'zod';

export type Display = (gradient: tf.Tensor4D) => tf.Tensor4D;

export const displayParameter = z
  .boolean()
  .default(false)
  .describe('also give the stage "display", the numbers of the image');

const perImage = [1, 2, 3];

/**
 * 0.5 + factor·v/size(v) with v = g − centre; 0.5 where the size is 0. As data, so that the renderer can use it too.
 */
export interface DisplayFormula {
  readonly centre: 'zero' | 'mean';
  /** max|v|; √(mean v²), about the mean the standard deviation that divides by n; or the larger of max v and 0. */
  readonly size: 'max-abs' | 'rms' | 'max';
  readonly factor: number;
  /** Clipped to [0,1] in the stage too; drawn pixels always are. */
  readonly clipped: boolean;
}

/** By the style of the method's image. */
export const displayFormulas = {
  /** 0.5 + g/(2·max|g|): grey is zero. */
  gradient: { centre: 'zero', size: 'max-abs', factor: 0.5, clipped: false },
  /** (g − mean)/std·0.1 + 0.5, clipped. */
  guided: { centre: 'mean', size: 'rms', factor: 0.1, clipped: true },
  /** g/max g + 0.5; where nothing is positive, 0.5. */
  deconv: { centre: 'zero', size: 'max', factor: 1, clipped: false },
} as const satisfies Record<string, DisplayFormula>;

const sizes: Record<DisplayFormula['size'], (v: tf.Tensor4D) => tf.Tensor> = {
  'max-abs': (v) => tf.max(tf.abs(v), perImage, true),
  rms: (v) => tf.sqrt(mean(tf.square(v))),
  max: (v) => tf.relu(tf.max(v, perImage, true)),
};

export const displayBy =
  ({ centre, size, factor, clipped }: DisplayFormula): Display =>
  (g) => {
    const v = centre === 'mean' ? tf.mul<tf.Tensor4D>(tf.sub(g, mean(g)), varies(g)) : g;
    const by = sizes[size](v);
    const factors = tf.mul(tf.step(by), constant([factor], []));
    const shown = tf.add<tf.Tensor4D>(tf.mul(tf.div(v, orOne(by)), factors), constant([0.5], []));
    return clipped ? tf.clipByValue(shown, 0, 1) : shown;
  };

export const displayGradient = displayBy(displayFormulas.gradient);
export const displayGuided = displayBy(displayFormulas.guided);
export const displayDeconv = displayBy(displayFormulas.deconv);

/** 0 for an image of one value, whose mean may be off by a rounding; else 1. */
function varies(g: tf.Tensor4D): tf.Tensor {
  return tf.step(tf.sub(tf.max(g, perImage, true), tf.min(g, perImage, true)));
}

/** Axis by axis: WASM adds up in float32, and shorter sums are more exact. */
function mean(g: tf.Tensor): tf.Tensor4D {
  return tf.mean(tf.mean(tf.mean(g, 2, true), 1, true), 3, true);
}

/** The divisor: 1 instead of 0. */
export function orOne(size: tf.Tensor): tf.Tensor {
  return tf.where(tf.equal(size, tf.zerosLike(size)), tf.onesLike(size), size);
}
