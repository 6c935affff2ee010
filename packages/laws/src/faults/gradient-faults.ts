/** Faults of gradients, ReLU rules, captured layers, and what a call leaves behind. */
import * as tf from '@tensorflow/tfjs-core';
import { guidedBackpropFrom, saliencyFrom } from '@touchstone/methods';
import { deconvRelu, firstMaximum, plainRelu, type GradientRules } from '@touchstone/network';
import { gradient, running, times, using, type Fault } from './fault.js';

const inputGradients = ['saliency', 'deconv', 'guided-backprop'];
const guidedWith = (relu: GradientRules['relu']) => guidedBackpropFrom({ rules: { relu } });

export const gradientFaults: readonly Fault[] = [
  running(
    'rounded-when-watched',
    'gradients are rounded in another way while a hook is registered',
    inputGradients,
    (right) => async (job) => {
      const stages = await right(job);
      const isWatched = job.network.namedModules().some(([, module]) => module.isHooked);
      return isWatched ? { ...stages, gradient: times(stages['gradient']!, 1 + 2 ** -20) } : stages;
    },
  ),
  running('leaked-tensor', 'a tensor is left behind by every call', inputGradients, (right) => async (job) => {
    tf.keep(job.x.clone());
    return right(job);
  }),
  running('hook-not-removed', 'a hook that doubles gradients is not removed', ['guided-backprop'], (right) => (job) => {
    job.network
      .module('fc')
      .registerForwardHook(
        (_module, _inputs, output) => void (output.requiresGrad && output.registerHook((R) => times(R, 2))),
      );
    return right(job);
  }),
  running('first-call-only', 'only the first call of a layer is captured', ['activations'], (right) => async (job) => {
    const stages = await right(job);
    return Object.fromEntries(Object.entries(stages).filter(([name]) => !name.includes('#')));
  }),
  running(
    'zeros-for-silent',
    'a layer that is never called gives zeros instead of an error',
    ['activations'],
    (right) => (job) =>
      right(job).catch(() => {
        const { layers } = job.params as { layers: readonly string[] };
        const zeros = tf.zeros([1, 1]);
        return { logits: zeros, ...Object.fromEntries(layers.map((path) => [path, zeros])), attribution: zeros };
      }),
  ),
  gradient('shifted-by-a-row', 'the gradient with its rows in the opposite order', ['saliency'], (g) =>
    tf.reverse(g, 1),
  ),
  gradient('gradient-normalised', 'the gradient is divided by its maximum', ['saliency'], (g) =>
    tf.divNoNan(g, tf.max(tf.abs(g))),
  ),
  gradient('gradient-twice', 'the gradient is counted twice', ['saliency'], (g) => times(g, 2)),
  // As WASM's own kernel.
  running(
    'windows-dropped',
    'max pooling passes no gradient where the maximum is ≤ 0',
    ['saliency'],
    (right) => (job) =>
      job.network.withRules({ maxPool: (R, x, y, window) => tf.mul(firstMaximum(R, x, y, window), tf.step(x)) }, () =>
        right(job),
      ),
  ),
  using(
    'plain-clipped',
    'plain saliency passes positive gradients only',
    saliencyFrom({ rules: { relu: (R) => tf.relu(R) } }),
  ),
  {
    id: 'guided-rule-unmasked',
    fault: 'the guided rule without the mask of the forward pass',
    of: [],
    spoil: (right) => ({ ...right, relu: { ...right.relu, guided: deconvRelu } }),
  },
  {
    id: 'deconv-rule-scaled',
    fault: 'the deconvolution rule halves what it passes on',
    of: [],
    spoil: (right) => ({ ...right, relu: { ...right.relu, deconv: (R) => times(tf.relu(R), 0.5) } }),
  },
  gradient('clipped-at-image', 'the gradient at the image is clipped', ['guided-backprop'], (g) => tf.relu(g)),
  using(
    'negative-half',
    'guided backpropagation passes negative gradients instead of positive ones',
    guidedWith((R, derivative) => tf.mul(tf.neg(tf.relu(tf.neg(R))), derivative)),
  ),
  using('guided-by-plain-rule', 'guided backpropagation with the plain rule', guidedWith(plainRelu)),
];
