import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { fromNchw, nchwShape, toNchw } from '../layout.js';
import { matrixProduct } from '../ops/matrix-product.js';
import { doesNotFit } from './does-not-fit.js';

/**
 * x [...,in] in PyTorch's order, weight [out,in], bias [out] → [...,out]. Recorded as in PyTorch, where transposing the
 * weight is a separate operation.
 *
 * @throws `bad-input` where the last dimension of x is not `in`
 */
export function linear(x: Variable, weight: Variable, bias: Variable | null): Variable {
  const from = nchwShape(x.shape);
  const [out, features] = weight.shape as [number, number];
  if (weight.shape.length !== 2 || from.at(-1) !== features) throw doesNotFit('a linear layer', from, weight.shape);
  const [input, w] = [x.value, weight.value as tf.Tensor2D];
  const rows = (v: tf.Tensor, size: number): tf.Tensor2D => tf.reshape(toNchw(v), [-1, size]);
  const unfolded = (v: tf.Tensor, size: number) => fromNchw(tf.reshape(v, [...from.slice(0, -1), size]));
  const transposed = Variable.result('t', w, [weight], (R) => [tf.transpose(R)]);
  const value = tf.tidy(() => {
    const y = matrixProduct(rows(input, features), w, { transposeB: true });
    return unfolded(bias ? tf.add(y, bias.value) : y, out);
  });
  return Variable.result(
    'addmm',
    value,
    [bias, x, transposed],
    (R4) => {
      const R = rows(R4, out);
      return [
        bias?.requiresGrad ? tf.sum(R, 0) : null,
        x.requiresGrad ? unfolded(matrixProduct(R, w), features) : null,
        transposed.requiresGrad ? matrixProduct(rows(input, features), R, { transposeA: true }) : null,
      ];
    },
    weight.requiresGrad ? [x] : [],
  );
}
