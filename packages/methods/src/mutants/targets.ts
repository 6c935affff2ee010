/** Faults of what is differentiated: another function of the outputs, or another class. */
import * as tf from '@tensorflow/tfjs-core';
import { logitClasses, type Target } from '@touchstone/contract';
import { constant, shapesOf, Variable } from '@touchstone/network';
import { explain, type Explanation } from '../core/explain.js';
import { remedy, type Mutant, type Remedy } from '../core/mutant.js';
import { classesFor } from '../core/target.js';
import { given } from './given.js';
import { ofTargets } from './lists.js';
import { ofLogit } from './remedies.js';

const ofImageGradients = ['saliency', 'smooth-grad', 'guided-backprop', 'deconv'] as const;
const ofGradients = [...ofImageGradients, 'grad-cam', 'hires-cam'] as const;

/** ∂f/∂logits of the logit f → ∂g/∂logits of what was differentiated instead. */
type Chained = (R: tf.Tensor, logits: tf.Tensor) => tf.Tensor;

/** The outputs stay as they are; the gradient that enters them is another. */
function scoring(id: string, fault: string, remedy: Remedy, of: readonly string[], chained: Chained): Mutant {
  return {
    id,
    fault,
    remedy,
    of,
    explain: async (method, explanation) => {
      const handle = explanation.network
        .module('')
        .registerForwardHook((_module, _inputs, output) =>
          Variable.result('score', output.value.clone(), [output], (R) => [chained(R, output.value)]),
        );
      try {
        return (await explain(method, explanation)).stages;
      } finally {
        handle.remove();
      }
    },
  };
}

/** pᵢ(Rᵢ − Σⱼ pⱼRⱼ) */
const softmax: Chained = (R, logits) => {
  const weighted = tf.mul(tf.softmax(logits as tf.Tensor2D), R);
  return tf.sub(weighted, tf.mul(tf.softmax(logits as tf.Tensor2D), tf.sum(weighted, -1, true)));
};
/** Rᵢ − pᵢ Σⱼ Rⱼ */
const logSoftmax: Chained = (R, logits) => tf.sub(R, tf.mul(tf.softmax(logits as tf.Tensor2D), tf.sum(R, -1, true)));

function everyClass({ network, x, target }: Explanation): { target: Target } | null {
  const classes = classesFor(network, x.shape, target);
  if (classes === undefined || target === 'likeliest' || !('class' in target) || target.region === 'argmax')
    return null;
  const { class: _of, of: _score, region, ...place } = target;
  return { target: { ...place, ...(region && { region }), weights: Array.from({ length: classes }, () => 1) } };
}

/** As in Python, the class before the first is the last. */
function shifted({ network, x, target }: Explanation, by: 1 | -1): { target: Target } | null {
  const classes = classesFor(network, x.shape, target);
  if (classes === undefined || target === 'likeliest') return null;
  const wrapped = (index: number): number => (index + classes) % classes;
  if ('weights' in target)
    return { target: { ...target, weights: target.weights.map((_, i) => target.weights[wrapped(i - by)]!) } };
  if (!('class' in target)) return null;
  const { class: asked } = target;
  return {
    target: {
      ...target,
      class: Array.isArray(asked) ? asked.map((index) => wrapped(index + by)) : wrapped(asked + by),
    },
  };
}

export const targetMutants: readonly Mutant[] = [
  given(
    'class-before',
    'the class before the wanted one: classes are counted from 1',
    remedy('Count classes from 0, as the network does'),
    ofTargets,
    (explanation) => shifted(explanation, -1),
  ),
  given(
    'class-after',
    'the class after the wanted one: a background class is counted as class 0',
    remedy('Count classes from 0, as the network does'),
    ofTargets,
    (explanation) => shifted(explanation, 1),
  ),
  scoring(
    'softmax-target',
    'gradient of the softmax probability instead of the logit',
    ofLogit,
    ofImageGradients,
    softmax,
  ),
  scoring(
    'log-softmax-target',
    'gradient of the logarithm of the softmax probability instead of the logit',
    ofLogit,
    ofGradients,
    logSoftmax,
  ),
  scoring(
    'cross-entropy-target',
    'gradient of the cross-entropy loss instead of the logit',
    ofLogit,
    ofGradients,
    (R, logits) => tf.neg(logSoftmax(R, logits)),
  ),
  scoring(
    'score-averaged',
    'the score is averaged over the batch instead of added up',
    remedy('Add up the scores of the images', 'score.sum()', 'score.sum().backward()'),
    ['saliency', 'guided-backprop', 'deconv'],
    (R) => tf.mul(R, constant([1 / R.shape[0]!], [])),
  ),
  given('all-classes', 'gradient of the sum of all outputs instead of one class', ofLogit, ofTargets, everyClass),
  given(
    'likeliest-class',
    "the image's likeliest class instead of the class that is asked for",
    remedy(
      'Take the class that is asked for',
      'target.class instead of logits.argMax(1)',
      'target instead of logits.argmax(1)',
    ),
    ofTargets,
    ({ network, x, target }) =>
      target !== 'likeliest' &&
      logitClasses(target) !== null &&
      shapesOf(network.description, x.shape)?.output.length === 2
        ? { target: 'likeliest' }
        : null,
  ),
  given(
    'first-class-for-all',
    "the first image's class is explained in all images of a batch",
    remedy(
      "Take each image's own class",
      'logits.mul(tf.oneHot(classes, n)).sum()',
      'logits[range(len(c)), c].sum().backward()',
    ),
    ofTargets,
    ({ target }) =>
      target !== 'likeliest' && 'class' in target && Array.isArray(target.class) && new Set(target.class).size > 1
        ? { target: { ...target, class: target.class[0]! } }
        : null,
  ),
];
