import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { ownKernel } from '../ops/own-kernels.js';

/**
 * x [N,in], weight [out,in], bias [out] → [N,out]. Recorded as in PyTorch, where transposing the weight is a separate
 * operation.
 *
 * @throws `unsupported` where x has another number of dimensions
 */
export function linear(x: Variable, weight: Variable, bias: Variable | null): Variable {
  if (x.shape.length !== 2)
    throw new TouchstoneError(
      'unsupported',
      `a linear layer received ${x.shape.length} dimensions; only [images, features] is supported`,
      'Flatten the input first.',
    );
  const [input, w] = [x.value as tf.Tensor2D, weight.value as tf.Tensor2D];
  const transposed = Variable.result('t', w, [weight], (R) => [tf.transpose(R)]);
  const value = tf.tidy(() => {
    const y = product(input, w, true);
    return bias ? tf.add(y, bias.value) : y;
  });
  return Variable.result(
    'addmm',
    value,
    [bias, x, transposed],
    (R) => [
      bias?.requiresGrad ? tf.sum(R, 0) : null,
      x.requiresGrad ? product(R as tf.Tensor2D, w, false) : null,
      transposed.requiresGrad ? tf.matMul(input, R as tf.Tensor2D, true) : null,
    ],
    weight.requiresGrad ? [x] : [],
  );
}

/**
 * x·w, or x·wᵀ. A backend's own kernel is faster (benchmarks/README.md) for one row, and where nothing is transposed.
 */
function product(x: tf.Tensor2D, w: tf.Tensor2D, transposed: boolean): tf.Tensor2D {
  const own = x.shape[0] === 1 || !transposed ? ownKernel('MatrixProduct') : null;
  return own ? own({ a: x, b: w }, { transposeB: transposed }) : tf.matMul(x, w, false, transposed);
}
