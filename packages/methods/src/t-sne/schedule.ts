/**
 * scikit-learn's descent explores with P exaggerated, then begins anew from there and settles. Now and then it looks
 * where it stands: either part ends when the gradient has vanished, the second also when the divergence has not
 * fallen for a while.
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import { atRest, type Motion } from './descent.js';

export const exploration = 250;
export const lookEvery = 50;
const patience = 300;
const vanished = 1e-7;
export const momentum = { exploring: 0.5, settling: 0.8 };

/** Where the descent stands, one number each. */
export interface Standing {
  /** KL(P‖Q) and the gradient's norm when they were last looked at; below 0: not yet. */
  readonly divergence: tf.Tensor1D;
  readonly norm: tf.Tensor1D;
  /** The step with which settling began; below 0: not yet. */
  readonly settlingSince: tf.Tensor1D;
  /** Since then: the least divergence, and the step that had it. */
  readonly best: tf.Tensor1D;
  readonly bestStep: tf.Tensor1D;
}

/** Before the first look. */
export const unknown = { divergence: -1, norm: -1, settlingSince: -1, best: 3e38, bestStep: -1 };

export function standing(values: Record<keyof Standing, number>): Standing {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, constant([value], [1])]),
  ) as unknown as Standing;
}

/** What settling begins with. */
export function anew(
  embedding: tf.Tensor2D,
  index: number,
): Motion & Pick<Standing, 'norm' | 'settlingSince' | 'best' | 'bestStep'> {
  const {
    norm,
    settlingSince: since,
    best,
    bestStep,
  } = standing({ ...unknown, settlingSince: index, bestStep: index });
  return { ...atRest(embedding), norm, settlingSince: since, best, bestStep };
}

/** Where nobody looks. */
export function kept({ divergence: last, norm, settlingSince: since, best, bestStep }: Standing): Standing {
  return {
    divergence: last.clone(),
    norm: norm.clone(),
    settlingSince: since.clone(),
    best: best.clone(),
    bestStep: bestStep.clone(),
  };
}

/** After step `index` from an embedding whose divergence is `found`, with a gradient of norm `norm`. */
export function lookedAt(found: tf.Scalar, norm: tf.Scalar, before: Standing, index: number): Standing {
  const divergence = tf.reshape(found, [1]) as tf.Tensor1D;
  const falls = tf.less(divergence, before.best);
  return {
    ...kept(before),
    divergence,
    norm: tf.reshape(norm, [1]),
    best: tf.minimum(before.best, divergence),
    bestStep: tf.where(falls, constant([index], [1]), before.bestStep) as tf.Tensor1D,
  };
}

/** The step with which settling began, or begins: this one where exploring is over; −1 before. */
export async function settlingSince({ settlingSince: since, norm }: Standing, index: number): Promise<number> {
  const [[first], [gradient]] = await Promise.all([since.data(), norm.data()]);
  if (first! >= 0) return first!;
  return index >= exploration || (gradient! >= 0 && gradient! <= vanished) ? index : -1;
}

/** Whether settling is over before step `index`, right after a look. */
export async function hasSettled({ norm, bestStep }: Standing, index: number): Promise<boolean> {
  const [[gradient], [best]] = await Promise.all([norm.data(), bestStep.data()]);
  return index - 1 - best! > patience || (gradient! >= 0 && gradient! <= vanished);
}
