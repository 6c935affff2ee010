import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';

/** Records a function of one 4-D variable (NHWC); `saves` are the variables whose values `backward` needs unchanged. */
export function result4(
  name: string,
  x: Variable,
  forward: (x: tf.Tensor4D) => tf.Tensor4D,
  backward: (R: tf.Tensor4D) => tf.Tensor4D,
  saves: readonly Variable[] = [],
): Variable {
  const input = x.value as tf.Tensor4D;
  return Variable.result(
    name,
    tf.tidy(() => forward(input)),
    [x],
    (R) => [backward(R as tf.Tensor4D)],
    saves,
  );
}
