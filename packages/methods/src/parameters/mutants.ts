import * as tf from '@tensorflow/tfjs-core';
import { remedy, replacing, type Mutant } from '../core/mutant.js';
import { parametersFrom, type ParametersSteps } from './parameters.js';

const together: ParametersSteps['stretched'] = (kernels) =>
  tf.div(tf.sub(kernels, tf.min(kernels)), tf.sub(tf.max(kernels), tf.min(kernels)));
const eachChannel: ParametersSteps['stretched'] = (kernels) => {
  const [low, high] = [tf.min(kernels, [1, 2], true), tf.max(kernels, [1, 2], true)];
  return tf.div(tf.sub(kernels, low), tf.sub(high, low));
};
/** (foot, direction) of lines w·p = b, or along the normal. */
const drawn =
  (feet: 1 | -1, alongNormal: boolean): ParametersSteps['lines'] =>
  (weight, bias) => {
    const length = tf.sqrt(tf.sum(tf.square(weight), 1, true));
    const normal = tf.div<tf.Tensor2D>(weight, length);
    const direction = alongNormal
      ? normal
      : tf.concat([tf.neg(tf.slice(normal, [0, 1], [-1, 1])), tf.slice(normal, [0, 0], [-1, 1])], 1);
    return tf.concat(
      [tf.mul(tf.mul(tf.div(tf.reshape(bias, [-1, 1]), length), normal), feet), direction],
      1,
    ) as tf.Tensor2D;
  };

export const parametersMutants: readonly Mutant[] = [
  replacing(
    'kernels-together',
    'all kernels are stretched by the same range instead of each by its own',
    remedy(
      'Stretch each kernel by its own range',
      'w.min([0, 1, 2], true), w.max([0, 1, 2], true)',
      'w.amin((1, 2, 3), keepdim=True), w.amax((1, 2, 3), keepdim=True)',
    ),
    parametersFrom({ stretched: together }),
  ),
  replacing(
    'kernels-by-channel',
    'each channel of a kernel is stretched on its own',
    remedy(
      'Stretch all channels of a kernel together',
      'w.min([0, 1, 2], true), w.max([0, 1, 2], true)',
      'w.amin((1, 2, 3), keepdim=True), w.amax((1, 2, 3), keepdim=True)',
    ),
    parametersFrom({ stretched: eachChannel }),
  ),
  replacing(
    'line-bias-sign',
    'the lines are those of w·x = b instead of w·x + b = 0',
    remedy('Place the foot of the line at −b·w/‖w‖²'),
    parametersFrom({ lines: drawn(1, false) }),
  ),
  replacing(
    'line-along-normal',
    'the lines run along the weights instead of across them',
    remedy('Draw the line along (−w₂, w₁)'),
    parametersFrom({ lines: drawn(-1, true) }),
  ),
  replacing(
    'region-upside-down',
    'the lowest row of the decision region comes first',
    remedy('Begin with the highest row', 'region.reverse(0)', 'region.flip(0)'),
    parametersFrom({ rows: (centres) => centres }),
  ),
];
