import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { choose, isAbove } from '../ops/elementary.js';
import { alongChannels, sumToChannels } from './broadcasting.js';

/** x where x > 0, else weight·x. weight [C], or [1] for all channels. The gradients at 0 are those of weight·x. */
export function prelu(x: Variable, weight: Variable): Variable {
  const [input, slopes] = [x.value, weight.value];
  const slope = (): tf.Tensor => tf.broadcastTo(alongChannels(slopes, input.rank), input.shape);
  const isPositive = (): tf.Tensor => isAbove(input, 0);
  return Variable.result(
    'prelu',
    tf.tidy(() => choose(isPositive(), input, tf.mul(input, alongChannels(slopes, input.rank)))),
    [x, weight],
    (R) => [
      x.requiresGrad ? tf.mul(R, choose(isPositive(), 1, slope())) : null,
      weight.requiresGrad ? sumToChannels(tf.mul(R, choose(isPositive(), 0, input)), slopes.size) : null,
    ],
    [x, weight],
  );
}
