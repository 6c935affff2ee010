import * as tf from '@tensorflow/tfjs-core';
import { constant, deconvRelu, firstMaximum, guidedRelu, type GradientRules } from '@touchstone/network';
import { displayGradient, type Display } from '../steps/display.js';
import type { InputGradientSteps } from '../steps/input-gradient.js';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { binValues, targetSeed, type Seed } from '../core/seed.js';
import { saliencyFrom } from './saliency.js';
import { byOwnMagnitude } from '../mutants/remedies.js';

/** ∇p_c = p_c(e_c − p), row by row: the gradient of the softmax probability. */
export const softmaxSeed: Seed = (logits, target, heads) => {
  const p = tf.softmax(logits as tf.Tensor);
  const wanted = tf.mul(targetSeed(logits, target, heads), p);
  return tf.sub(wanted, tf.mul(p, tf.sum(wanted, -1, true)));
};

/** Bins of all heads share one softmax; the rest is unchanged. */
const jointSoftmax: Seed = (logits, target, heads) => {
  if (!('sum' in target)) return targetSeed(logits, target, heads);
  const values = binValues(logits.shape.at(-1)!, target, heads).flatMap(({ size, values: own }) =>
    Array.from(own ?? new Float64Array(size)),
  );
  const p = tf.softmax(logits as tf.Tensor);
  const v = constant(values, [1, values.length]);
  return tf.mul(p, tf.sub(v, tf.sum(tf.mul(p, v), 1, true)));
};

/** Rotated by 180°, the last maximum is the first. */
const lastMaximum: GradientRules['maxPool'] = (R, x, y, window) => {
  const flipped = (t: tf.Tensor4D): tf.Tensor4D => tf.reverse(t, [1, 2]);
  const used = (i: 0 | 1): number =>
    (y.shape[i + 1]! - 1) * window.stride[i] + window.dilation[i] * (window.kernelSize[i] - 1) + 1;
  const [rows, columns] = [used(0), used(1)];
  const seen = tf.slice(x, [0, 0, 0, 0], [x.shape[0], rows, columns, x.shape[3]]);
  const gradient = flipped(firstMaximum(flipped(R), flipped(seen), flipped(y), window));
  return tf.pad(gradient, [
    [0, 0],
    [0, x.shape[1] - rows],
    [0, x.shape[2] - columns],
    [0, 0],
  ]);
};

/** The largest value and the sum, without taking absolute values. */
const signed: InputGradientSteps['reduce'] = (g, reduce) =>
  reduce === 'none' ? g : reduce === 'abs-max' ? tf.max(g, 3, true) : tf.sum(g, 3, true);

/** The maximum is taken over the whole batch. */
export const displayOfBatch: Display = (g) =>
  tf.reshape(displayGradient(tf.reshape(g, [1, -1, g.shape[2], g.shape[3]])), g.shape);

export const saliencyMutants: readonly Mutant[] = [
  replacing(
    'joint-softmax',
    "one softmax over the bins of all heads instead of each head's own",
    remedy(
      'Take the softmax of each head by itself',
      'logits.slice([0, start], [-1, size]).softmax()',
      'logits[:, start:start + size].softmax(1)',
    ),
    saliencyFrom({ seed: jointSoftmax }),
  ),
  replacing(
    'reduced-with-signs',
    'channels are reduced without taking absolute values first',
    remedy(
      'Take absolute values before the channels are reduced',
      'g.abs().max(3, true)',
      'g.abs().amax(1, keepdim=True)',
    ),
    saliencyFrom({ reduce: signed }),
  ),
  replacing(
    'ties-to-last',
    'the gradient of tied maxima goes to the last instead of the first',
    remedy(
      'Give the gradient of tied maxima to the first',
      'a max pool with its own gradient (tf.customGrad)',
      'F.max_pool2d, which does',
    ),
    saliencyFrom({ rules: { maxPool: lastMaximum } }),
  ),
  replacing(
    'display-of-batch',
    "the image is scaled by the batch's largest gradient instead of its own",
    byOwnMagnitude,
    saliencyFrom({ display: displayOfBatch }),
  ),
  replacing(
    'saliency-guided',
    "guided backpropagation's ReLU rule is still in force",
    remedy('Remove the hooks of guided backpropagation', 'no model with replaced ReLUs', 'handle.remove()'),
    saliencyFrom({ rules: { relu: guidedRelu } }),
  ),
  replacing(
    'saliency-deconv',
    "deconvolution's ReLU rule is still in force",
    remedy('Remove the hooks of deconvolution', 'no model with replaced ReLUs', 'handle.remove()'),
    saliencyFrom({ rules: { relu: deconvRelu } }),
  ),
];
