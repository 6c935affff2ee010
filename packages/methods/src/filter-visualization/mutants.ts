import * as tf from '@tensorflow/tfjs-core';
import { constant, resizeBilinear } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { adamStep } from './adam.js';
import { filterVisualizationFrom } from './filter-visualization.js';

const c = (value: number): tf.Tensor => constant([value], []);

/** Adam with another denominator, made of the corrected mean of squares. */
function adamOver(denominator: (square: tf.Tensor4D) => tf.Tensor): typeof adamStep {
  return ({ image, mean, square }, gradient, step, { rate, decay }) => {
    const g = tf.add<tf.Tensor4D>(gradient, tf.mul(image, c(decay)));
    const m = tf.add<tf.Tensor4D>(tf.mul(mean, c(0.9)), tf.mul(g, c(0.1)));
    const v = tf.add<tf.Tensor4D>(tf.mul(square, c(0.999)), tf.mul(tf.square(g), c(0.001)));
    const stride = tf.div(tf.div(m, c(1 - 0.9 ** step)), denominator(tf.div(v, c(1 - 0.999 ** step))));
    return { image: tf.sub<tf.Tensor4D>(image, tf.mul(stride, c(rate))), mean: m, square: v };
  };
}

const asTfjs = adamOver((square) => tf.add(tf.sqrt(square), c(1e-7)));
const insideRoot = adamOver((square) => tf.sqrt(tf.add(square, c(1e-8))));
const uncorrected: typeof adamStep = (state, gradient, _step, settings) =>
  adamStep(state, gradient, 1_000_000, settings);
const reversed: typeof adamStep = (state, gradient, step, settings) =>
  adamStep(state, gradient, step, { ...settings, decay: -settings.decay });
const decoupled: typeof adamStep = (state, gradient, step, { rate, decay }) =>
  adamStep({ ...state, image: tf.mul<tf.Tensor4D>(state.image, c(1 - rate * decay)) }, gradient, step, {
    rate,
    decay: 0,
  });

export const filterVisualizationMutants: readonly Mutant[] = [
  replacing(
    'adam-epsilon',
    'Adam with ε = 1e-7, as in TF.js and Keras, instead of 1e-8',
    filterVisualizationFrom({ adam: asTfjs }),
  ),
  replacing(
    'adam-epsilon-inside',
    'Adam with ε under the square root instead of beside it',
    filterVisualizationFrom({ adam: insideRoot }),
  ),
  replacing(
    'adam-uncorrected',
    'Adam without the correction of its bias',
    filterVisualizationFrom({ adam: uncorrected }),
  ),
  replacing('decay-reversed', 'the weight decay has the wrong sign', filterVisualizationFrom({ adam: reversed })),
  replacing(
    'decay-decoupled',
    'the decay is taken off the picture, as in AdamW, instead of added to the gradient',
    filterVisualizationFrom({ adam: decoupled }),
  ),
  replacing(
    'enlarged-bilinear',
    'enlarged bilinearly instead of bicubically',
    filterVisualizationFrom({ enlarge: resizeBilinear }),
  ),
];
