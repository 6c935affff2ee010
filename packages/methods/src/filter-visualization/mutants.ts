import * as tf from '@tensorflow/tfjs-core';
import { adam, constant, resizeBilinear } from '@touchstone/network';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { filterVisualizationFrom } from './filter-visualization.js';

const c = (value: number): tf.Tensor => constant([value], []);

/** Adam with another denominator, a function of the corrected mean of squares. */
function adamOver(denominator: (square: tf.Tensor) => tf.Tensor): typeof adam {
  return <T extends tf.Tensor>(...[{ x, mean, square }, gradient, how]: Parameters<typeof adam<T>>) => {
    const { rate, step, decay = 0 } = how;
    const g = tf.add<T>(gradient, tf.mul(x, c(decay)));
    const m = tf.add<T>(tf.mul(mean, c(0.9)), tf.mul(g, c(0.1)));
    const v = tf.add<T>(tf.mul(square, c(0.999)), tf.mul(tf.square(g), c(0.001)));
    const stride = tf.div(tf.div(m, c(1 - 0.9 ** step)), denominator(tf.div(v, c(1 - 0.999 ** step))));
    return { x: tf.sub<T>(x, tf.mul(stride, c(rate))), mean: m, square: v };
  };
}

const asTfjs = adamOver((square) => tf.add(tf.sqrt(square), c(1e-7)));
const insideRoot = adamOver((square) => tf.sqrt(tf.add(square, c(1e-8))));
const uncorrected: typeof adam = (state, gradient, how) => adam(state, gradient, { ...how, step: 1_000_000 });
const reversed: typeof adam = (state, gradient, how) => adam(state, gradient, { ...how, decay: -(how.decay ?? 0) });
const decoupled: typeof adam = (state, gradient, { rate, step, decay = 0 }) =>
  adam({ ...state, x: tf.mul<typeof gradient>(state.x, c(1 - rate * decay)) }, gradient, { rate, step });

export const filterVisualizationMutants: readonly Mutant[] = [
  replacing(
    'adam-epsilon',
    'Adam with ε = 1e-7, as in TF.js and Keras, instead of 1e-8',
    remedy('Set ε to 1e-8', 'tf.train.adam(rate, 0.9, 0.999, 1e-8)', 'torch.optim.Adam([x], rate, eps=1e-8)'),
    filterVisualizationFrom({ adam: asTfjs }),
  ),
  replacing(
    'adam-epsilon-inside',
    'Adam with ε under the square root instead of outside',
    remedy('Add ε after the square root', 'v.sqrt().add(1e-8)', 'v.sqrt() + 1e-8'),
    filterVisualizationFrom({ adam: insideRoot }),
  ),
  replacing(
    'adam-uncorrected',
    'Adam without the correction of its bias',
    remedy('Divide both means by 1 − β to the power of the step', 'm.div(1 - 0.9 ** step)', 'm / (1 - 0.9 ** step)'),
    filterVisualizationFrom({ adam: uncorrected }),
  ),
  replacing(
    'decay-reversed',
    'the weight decay has the wrong sign',
    remedy(
      'Add the decay to the gradient that is descended',
      'g.add(x.mul(decay))',
      'torch.optim.Adam([x], rate, weight_decay=decay)',
    ),
    filterVisualizationFrom({ adam: reversed }),
  ),
  replacing(
    'decay-decoupled',
    'the decay is taken off the image, as in AdamW, instead of added to the gradient',
    remedy(
      'Add the decay to the gradient before Adam sees it',
      'g.add(x.mul(decay))',
      'torch.optim.Adam instead of AdamW',
    ),
    filterVisualizationFrom({ adam: decoupled }),
  ),
  replacing(
    'enlarged-bilinear',
    'enlarged bilinearly instead of bicubically',
    remedy(
      'Enlarge bicubically with a = −0.75',
      'a resize of your own: TF.js has none',
      "F.interpolate(x, size, mode='bicubic')",
    ),
    filterVisualizationFrom({ enlarge: resizeBilinear }),
  ),
];
