import * as tf from '@tensorflow/tfjs-core';
import { firstMaximum, type GradientRules } from '@touchstone/network';
import { replacing, type Mutant } from '../mutant.js';
import { logitSeed, type Seed } from '../target.js';
import { saliencyFrom } from './saliency.js';

/** ∇p_c = p_c(e_c − p), row by row: the gradient of the softmax probability. */
export const softmaxSeed: Seed = (logits, target) => {
  const p = tf.softmax(logits);
  const wanted = tf.mul(logitSeed(logits, target), p);
  return tf.sub(wanted, tf.mul(p, tf.sum(wanted, 1, true)));
};

/** Turned by 180° the last maximum is the first. */
const lastMaximum: GradientRules['maxPool'] = (R, x, y, window) => {
  const turned = (t: tf.Tensor4D): tf.Tensor4D => tf.reverse(t, [1, 2]);
  const used = (i: 0 | 1): number => (y.shape[i + 1]! - 1) * window.stride[i] + window.dilation[i] * (window.kernelSize[i] - 1) + 1;
  const [rows, columns] = [used(0), used(1)];
  const seen = tf.slice(x, [0, 0, 0, 0], [x.shape[0], rows, columns, x.shape[3]]);
  const gradient = turned(firstMaximum(turned(R), turned(seen), turned(y), window));
  return tf.pad(gradient, [[0, 0], [0, x.shape[1] - rows], [0, x.shape[2] - columns], [0, 0]]);
};

export const saliencyMutants: readonly Mutant[] = [
  replacing('softmax-target', 'gradient of the softmax probability instead of the logit', saliencyFrom({ seed: softmaxSeed })),
  replacing('ties-to-last', 'the gradient of tied maxima goes to the last instead of the first', saliencyFrom({ rules: { maxPool: lastMaximum } })),
];
