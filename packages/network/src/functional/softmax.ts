import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { axisOf } from '../layout.js';
import { bounded, boundOf } from '../ops/magnitude.js';

/** e^x/Σe^x along `dim`, without overflow. */
export function softmax(x: Variable, dim: number): Variable {
  const input = x.value;
  const axis = axisOf(dim, input.rank);
  const y = tf.tidy(() => {
    const powers = tf.exp(shifted(input, axis));
    return tf.div(powers, tf.sum(powers, axis, true));
  });
  bounded(y, boundOf(input) === Infinity ? Infinity : 1);
  return Variable.result('softmax', y, [x], (R) => [softmaxGradient(y, R, axis)], ['output']);
}

/** y∘(R − Σ R∘y), of a softmax y along `axis`. */
export function softmaxGradient<T extends tf.Tensor>(y: T, R: T, axis: number): T {
  return tf.mul(y, tf.sub(R, tf.sum(tf.mul(R, y), axis, true)));
}

/** log(softmax(x)) along `dim`. */
export function logSoftmax(x: Variable, dim: number): Variable {
  const input = x.value;
  const axis = axisOf(dim, input.rank);
  const y = tf.tidy(() => {
    const below = shifted(input, axis);
    return tf.sub(below, tf.log(tf.sum(tf.exp(below), axis, true)));
  });
  return Variable.result('log_softmax', y, [x], (R) => [tf.sub(R, tf.mul(tf.exp(y), tf.sum(R, axis, true)))], [
    'output',
  ]);
}

/** x − max x: at most 0. */
function shifted(x: tf.Tensor, axis: number): tf.Tensor {
  return tf.sub(x, tf.max(x, axis, true));
}
