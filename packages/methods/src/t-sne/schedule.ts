/**
 * scikit-learn's descent explores with P exaggerated, then restarts from there and settles. Every 50 steps it checks
 * its status: either part ends when the gradient has vanished, the second also when the divergence has not fallen for a
 * while.
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { atRest, type Motion } from './descent.js';

export const exploration = 250;
export const checkEvery = 50;
const patience = 300;
const vanished = 1e-7;
export const momentum = { exploring: 0.5, settling: 0.8 };

/** The status of the descent, one number each. */
export interface Status {
  /** KL(P‖Q) and the gradient's norm at the last check; below 0: not checked yet. */
  readonly divergence: tf.Tensor1D;
  readonly norm: tf.Tensor1D;
  /** The first step of settling; below 0: it has not begun. */
  readonly settlingSince: tf.Tensor1D;
  /** The smallest divergence since then, and its step. */
  readonly best: tf.Tensor1D;
  readonly bestStep: tf.Tensor1D;
}

/** Before the first check. */
export const initial = { divergence: -1, norm: -1, settlingSince: -1, best: 3e38, bestStep: -1 };

export function statusOf(values: Record<keyof Status, number>): Status {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, constant([value], [1])]),
  ) as unknown as Status;
}

/** The state at the start of settling. */
export function restart(
  embedding: tf.Tensor2D,
  index: number,
): Motion & Pick<Status, 'norm' | 'settlingSince' | 'best' | 'bestStep'> {
  const {
    norm,
    settlingSince: since,
    best,
    bestStep,
  } = statusOf({ ...initial, settlingSince: index, bestStep: index });
  return { ...atRest(embedding), norm, settlingSince: since, best, bestStep };
}

/** After a step without a check. */
export function unchanged({ divergence: last, norm, settlingSince: since, best, bestStep }: Status): Status {
  return {
    divergence: last.clone(),
    norm: norm.clone(),
    settlingSince: since.clone(),
    best: best.clone(),
    bestStep: bestStep.clone(),
  };
}

/** After a check at step `index`: `found` is the divergence before the step, `norm` that of its gradient. */
export function checked(found: tf.Scalar, norm: tf.Scalar, before: Status, index: number): Status {
  const divergence = tf.reshape(found, [1]) as tf.Tensor1D;
  const falls = tf.less(divergence, before.best);
  return {
    ...unchanged(before),
    divergence,
    norm: tf.reshape(norm, [1]),
    best: tf.minimum(before.best, divergence),
    bestStep: tf.where(falls, constant([index], [1]), before.bestStep) as tf.Tensor1D,
  };
}

/** The first step of settling, which is this one if exploring has just ended; −1: not yet. */
export async function settlingSince({ settlingSince: since, norm }: Status, index: number): Promise<number> {
  const [[first], [gradient]] = await Promise.all([since.data(), norm.data()]);
  if (first! >= 0) return first!;
  return index >= exploration || (gradient! >= 0 && gradient! <= vanished) ? index : -1;
}

/** Whether settling is over before step `index`, right after a check. */
export async function hasSettled({ norm, bestStep }: Status, index: number): Promise<boolean> {
  const [[gradient], [best]] = await Promise.all([norm.data(), bestStep.data()]);
  return index - 1 - best! > patience || (gradient! >= 0 && gradient! <= vanished);
}
