/**
 * The table of gradient rules: those that TF.js computes wrongly, slowly or not at all, and those that methods replace.
 * A network holds one table; `Network.withRules` changes rows for the duration of a call. Nothing is global.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bounded, boundOf } from './ops/magnitude.js';
import { ownKernel } from './ops/own-kernels.js';
import { reluOf } from './ops/relu.js';
import { fold, unfold, type Window } from './ops/windows.js';

export interface GradientRules {
  /** R: gradient of the output. `derivative`: the function's own 0/1 mask, 1{x>0} for ReLU, 1{0<x<6} for ReLU6. */
  readonly relu: (R: tf.Tensor, derivative: tf.Tensor) => tf.Tensor;
  /** x: the padded input; y: the windows' maxima; R: the gradient of y. All NHWC. Returns the gradient of x. */
  readonly maxPool: (R: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, window: Window) => tf.Tensor4D;
  /**
   * Called in the order of the backward pass with the values that decide at switch points: a ReLU's mask with its
   * input, a max pool's padded input with its output. It may replace them before the rules above receive them. For
   * arbitration.
   */
  readonly atRelu: (derivative: tf.Tensor, input: tf.Tensor) => tf.Tensor;
  readonly atMaxPool: (x: tf.Tensor4D, y: tf.Tensor4D) => readonly [x: tf.Tensor4D, y: tf.Tensor4D];
}

/** R·1{x>0} */
export const plainRelu: GradientRules['relu'] = (R, derivative) =>
  bounded(tf.mul(R, derivative), boundOf(R) * boundOf(derivative));
/** R·1{R>0}: the backward ReLU of deconvolution. Zeiler & Fergus 2014, section 2.1. */
export const deconvRelu: GradientRules['relu'] = (R) => reluOf(R);
/** R·1{R>0}·1{x>0}. Springenberg et al. 2014, section 3.4. */
export const guidedRelu: GradientRules['relu'] = (R, derivative) => plainRelu(reluOf(R), derivative);

/** The whole gradient of a window goes to its first maximum in row-major order, as in PyTorch. */
export const firstMaximum: GradientRules['maxPool'] = (R, x, y, window) => {
  const own = Math.max(...window.dilation) === 1 ? ownKernel('FirstMaximumGrad') : null;
  if (own) return own({ dy: R, input: x }, { kernelSize: window.kernelSize, stride: window.stride });
  const none = tf.zerosLike(R);
  let left = R;
  const seen = unfold(x, window, [y.shape[1], y.shape[2]]);
  const parts = seen.map((part, i) => {
    if (i === seen.length - 1) return left; // a window without a maximum so far has it at this offset
    const isMaximum = tf.equal(part(), y);
    const given = tf.where(isMaximum, left, none);
    left = tf.where(isMaximum, none, left);
    return given;
  });
  return fold(parts, window, [x.shape[1], x.shape[2]]);
};

export const pytorchRules: GradientRules = {
  relu: plainRelu,
  maxPool: firstMaximum,
  atRelu: (derivative) => derivative,
  atMaxPool: (x, y) => [x, y],
};

/** Whether a ReLU's gradient is R·1{x>0} and no rule sees its mask: then a backend's own kernel may compute it. */
export function hasPlainRelu({ relu, atRelu }: GradientRules): boolean {
  return relu === plainRelu && atRelu === pytorchRules.atRelu;
}
