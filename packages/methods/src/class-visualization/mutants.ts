import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { classVisualizationFrom, type ClassVisualizationSteps } from './class-visualization.js';
import { subtractDecay } from '../mutants/remedies.js';

/** Pixels that leave the image are lost, and zeros enter. */
const padded: ClassVisualizationSteps['shift'] = (x, [oy, ox]) => {
  const [, h, w] = x.shape;
  const [top, left] = [Math.max(oy, 0), Math.max(ox, 0)];
  const grown = tf.pad(x, [
    [0, 0],
    [top, Math.max(-oy, 0)],
    [left, Math.max(-ox, 0)],
    [0, 0],
  ]);
  return tf.slice(grown, [0, Math.max(-oy, 0), Math.max(-ox, 0), 0], [-1, h, w, -1]);
};

export const classVisualizationMutants: readonly Mutant[] = [
  replacing(
    'jitter-padded',
    'the jitter brings in zeros instead of wrapping around',
    remedy(
      'Shift with wrap-around',
      'tf.concat([x.slice([0, h - k]), x.slice([0, 0], [-1, h - k])], 1)',
      'torch.roll(x, (rows, columns), (2, 3))',
    ),
    classVisualizationFrom({ shift: padded }),
  ),
  replacing(
    'decay-upwards',
    'the regularisation has the wrong sign under ascent',
    subtractDecay,
    classVisualizationFrom({ shrink: (x, decay) => tf.mul(x, constant([2 * decay], [])) }),
  ),
  replacing(
    'decay-half',
    'the gradient of ‖x‖² lacks its factor 2',
    subtractDecay,
    classVisualizationFrom({ shrink: (x, decay) => tf.mul(x, constant([-decay], [])) }),
  ),
  replacing(
    'clamp-unprocessed',
    'clamped to [0,1], as if the network took pixels',
    remedy(
      'Clamp to the normalised limits, low = (0 − mean)/std and high = (1 − mean)/std',
      'x.maximum(low).minimum(high)',
      'x.clamp(low, high)',
    ),
    classVisualizationFrom({ clamp: (x) => tf.clipByValue(x, 0, 1) }),
  ),
];
