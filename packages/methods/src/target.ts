/** Targets: functions of the logits, as gradients with respect to them. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type Target } from '@touchstone/contract';
import { constant } from '@touchstone/network';

/** logits [N,classes], target → ∂f/∂logits [N,classes]. */
export type Seed = (logits: tf.Tensor2D, target: Target) => tf.Tensor2D;

/** One-hot rows, or the weights themselves: the logit, never its softmax. */
export const logitSeed: Seed = (logits, target) => constant(targetRows(logits.shape, target), logits.shape) as tf.Tensor2D;

function targetRows([n, classes]: readonly [number, number], target: Target): Float64Array {
  const rows = new Float64Array(n * classes);
  if ('weights' in target) {
    if (target.weights.length !== classes) throw wrongTarget(`has ${target.weights.length} weights; the network has ${classes} outputs`);
    for (let i = 0; i < n; i++) rows.set(target.weights, i * classes);
    return rows;
  }
  const each = Array.isArray(target.class) ? target.class : Array.from({ length: n }, () => target.class as number);
  for (const [i, c] of each.entries()) {
    if (c >= classes) throw wrongTarget(`is class ${c}; the network has classes 0 to ${classes - 1}`);
    rows[i * classes + c] = 1;
  }
  return rows;
}

/** @throws `bad-input` where the target names one class per picture, but not for this many */
export function checkTarget(target: Target, pictures: number): void {
  if ('class' in target && Array.isArray(target.class) && target.class.length !== pictures) throw wrongTarget(`names ${target.class.length} classes for ${pictures} pictures`);
}

function wrongTarget(what: string): TouchstoneError {
  return new TouchstoneError('bad-input', `target ${what}`, 'Give one class for all pictures, one per picture, or one weight per output.');
}

/** The logits, where the network has them: one row of scores per picture. */
export function asLogits(output: tf.Tensor): tf.Tensor2D {
  if (output.rank !== 2) throw new TouchstoneError('bad-network', `the network returns ${output.rank} dimensions; a target needs [pictures, classes]`, 'Explain a network that ends in class scores.');
  return output as tf.Tensor2D;
}
