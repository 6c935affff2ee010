import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { replacing, type Mutant } from '../core/mutant.js';
import { classVisualizationFrom, type ClassVisualizationSteps } from './class-visualization.js';

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
    classVisualizationFrom({ shift: padded }),
  ),
  replacing(
    'decay-upwards',
    'the regularisation has the wrong sign under ascent',
    classVisualizationFrom({ shrink: (x, decay) => tf.mul(x, constant([2 * decay], [])) }),
  ),
  replacing(
    'decay-half',
    'the gradient of ‖x‖² lacks its factor 2',
    classVisualizationFrom({ shrink: (x, decay) => tf.mul(x, constant([-decay], [])) }),
  ),
  replacing(
    'clamp-unprocessed',
    'clamped to [0,1], as if the network took pixels',
    classVisualizationFrom({ clamp: (x) => tf.clipByValue(x, 0, 1) }),
  ),
];
