import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { constant } from '../layout.js';
import { bounded, boundOf } from '../ops/magnitude.js';
import { ownKernel } from '../ops/own-kernels.js';
import { reluOf, relu6Of } from '../ops/relu.js';
import { hasPlainRelu, plainRelu, type GradientRules } from '../rules.js';

/**
 * ReLU; `ceiling` 6 makes it ReLU6, whose derivative is 0 at 0 and at 6. `rules` are those of this call. As in PyTorch,
 * the gradient of ReLU needs its output unchanged, that of ReLU6 its input unless it runs in place; under another
 * rule than PyTorch's neither is needed.
 *
 * @returns with `inplace` x itself
 */
export function relu(x: Variable, rules: GradientRules, { ceiling = Infinity, inplace = false } = {}): Variable {
  const isRelu6 = ceiling === 6;
  const isPlain = rules.relu === plainRelu;
  const input = x.value;
  const value = tf.tidy(() => (isRelu6 ? relu6Of(input) : reluOf(input)));
  const backward = (R: tf.Tensor): tf.Tensor[] => [
    hasPlainRelu(rules)
      ? plainReluGradient(R, value, isRelu6)
      : rules.relu(R, rules.atRelu(reluDerivative(value, isRelu6), input)),
  ];
  const name = isRelu6 ? 'relu6' : 'relu';
  if (!inplace) return Variable.result(name, value, [x], backward, isPlain ? [isRelu6 ? x : 'output'] : []);
  x.changeInPlace(`${name}_`, value, [], backward, { savesOutput: isPlain && !isRelu6 });
  return x;
}

/** R·1{0<y}, or R·1{0<y<6}, of the output y. */
export function plainReluGradient(R: tf.Tensor, y: tf.Tensor, isRelu6: boolean): tf.Tensor {
  const own = ownKernel(isRelu6 ? 'Relu6Grad' : 'ReluGrad');
  return own ? own({ dy: R, x: y }) : plainRelu(R, reluDerivative(y, isRelu6));
}

/** 1{0<y} or 1{0<y<6}, of the output y: for ReLU6 the step of y·(6−y), which is positive exactly there. */
function reluDerivative(y: tf.Tensor, isRelu6: boolean): tf.Tensor {
  const derivative = tf.step(isRelu6 ? tf.mul(y, tf.sub(constant([6], []), y)) : y);
  return bounded(derivative, boundOf(y) === Infinity ? Infinity : 1); // NaN where y is
}
