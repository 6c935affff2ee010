/**
 * The descent of KL(P‖Q) on the backend: scikit-learn, `_t_sne.py` (`_kl_divergence`, `_gradient_descent`), method
 * "exact".
 */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '@touchstone/network';
import type { Matrix } from './probabilities.js';

/** Joint probabilities as the descent uses them. */
export interface Affinities {
  /**
   * Columns from left to right: sums over few terms are more exact in float32, and a block that fits into the cache is
   * faster.
   */
  readonly blocks: readonly Block[];
  /** Σ p·log p */
  readonly negentropy: number;
}

/** Columns `first` … `first + width − 1`, each [N,width]. */
interface Block {
  readonly first: number;
  readonly width: number;
  readonly joint: tf.Tensor2D;
  /** 1 − I: no point is its own neighbour. */
  readonly others: tf.Tensor2D;
}

const blockWidth = 128;

/** The steps of the descent; a mutant replaces one. */
export interface DescentSteps {
  /** 1 + ‖yᵢ − yⱼ‖² → the reciprocal of q. */
  readonly spread: (onePlusSquares: tf.Tensor2D) => tf.Tensor2D;
  /** ∂KL/∂yᵢ = factor · Σⱼ (p − q)/(1 + ‖yᵢ − yⱼ‖²)·(yᵢ − yⱼ): 4 */
  readonly factor: number;
  /** Where the gain grows: the gradient points against the last update. */
  readonly hasTurned: (update: tf.Tensor2D, gradient: tf.Tensor2D) => tf.Tensor;
}

export const descentSteps: DescentSteps = {
  spread: (onePlusSquares) => onePlusSquares,
  factor: 4,
  hasTurned: (update, gradient) => tf.less(tf.mul(update, gradient), 0),
};

export function affinitiesOf({ n, data }: Matrix): Affinities {
  const blocks: Block[] = [];
  for (let first = 0; first < n; first += blockWidth) {
    const width = Math.min(blockWidth, n - first);
    const [joint, others] = [new Float64Array(n * width), new Float64Array(n * width).fill(1)];
    for (let i = 0; i < n; i++) joint.set(data.subarray(i * n + first, i * n + first + width), i * width);
    for (let j = 0; j < width; j++) others[(first + j) * width + j] = 0;
    blocks.push({
      first,
      width,
      joint: constant(joint, [n, width]) as tf.Tensor2D,
      others: constant(others, [n, width]) as tf.Tensor2D,
    });
  }
  return { blocks, negentropy: data.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0) };
}

/**
 * 1/(1 + ‖yᵢ − yⱼ‖²), 0 where i = j, block by block, and the sum of all.
 * As products of matrices, since N² is large: 1 + ‖a‖² + ‖b‖² − 2a·b is a row times a column.
 */
function similarities(
  embedding: tf.Tensor2D,
  blocks: readonly Block[],
  { spread }: DescentSteps,
): { q: tf.Tensor2D[]; sum: tf.Scalar } {
  const squares = tf.sum(tf.square(embedding), 1, true) as tf.Tensor2D;
  const one = tf.onesLike(squares);
  const rows = tf.concat([tf.mul(embedding, constant([-2], [])), tf.add(squares, one), one], 1);
  const columns = tf.concat([embedding, one, squares], 1);
  const q = blocks.map((block) =>
    tf.div<tf.Tensor2D>(block.others, spread(tf.matMul(rows, rowsOf(columns, block), false, true))),
  );
  return { q, sum: sum(q.map(total)) };
}

/** The rows of an [N,d] that belong to a block's columns, [width,d]. */
function rowsOf(matrix: tf.Tensor2D, { first, width }: Block): tf.Tensor2D {
  return tf.slice(matrix, [first, 0], [width, -1]);
}

function total(matrix: tf.Tensor2D): tf.Scalar {
  return tf.sum(tf.sum(matrix, 1));
}

function sum<T extends tf.Tensor>(parts: readonly T[]): T {
  return parts.reduce((all, part) => tf.add(all, part));
}

/** ∂KL(e·P‖Q)/∂Y [N,2], with P exaggerated by e. */
export function gradientOf(
  embedding: tf.Tensor2D,
  { blocks }: Affinities,
  exaggeration: number,
  steps: DescentSteps,
): tf.Tensor2D {
  const { q, sum: all } = similarities(embedding, blocks, steps);
  const share = tf.div<tf.Scalar>(constant([1 / exaggeration], []), all);
  const [n] = embedding.shape;
  const ends = tf.concat([embedding, tf.ones([n, 1])], 1) as tf.Tensor2D;
  const summed = sum(
    blocks.map((block, k) => {
      const forces = tf.mul<tf.Tensor2D>(tf.sub(block.joint, tf.mul(q[k]!, share)), q[k]!);
      return tf.matMul(forces, rowsOf(ends, block)) as tf.Tensor2D;
    }),
  );
  const [pulled, strength] = tf.split(summed, [2, 1], 1) as [tf.Tensor2D, tf.Tensor2D];
  return tf.mul(constant([steps.factor * exaggeration], []), tf.sub(tf.mul(strength, embedding), pulled));
}

/** KL(P‖Q), a scalar. */
export function divergenceOf(
  embedding: tf.Tensor2D,
  { blocks, negentropy }: Affinities,
  steps: DescentSteps,
): tf.Scalar {
  const { q, sum: all } = similarities(embedding, blocks, steps);
  const floor = constant([Number.EPSILON], []);
  return tf.sub(
    constant([negentropy], []),
    sum(blocks.map(({ joint }, k) => total(tf.mul(joint, tf.log(tf.maximum(tf.div(q[k]!, all), floor)))))),
  );
}

/** The moving parts, each [N,2]. */
export interface Motion {
  readonly embedding: tf.Tensor2D;
  /** The last change of the embedding. */
  readonly update: tf.Tensor2D;
  readonly gains: tf.Tensor2D;
}

export function atRest(embedding: tf.Tensor2D): Motion {
  return { embedding, update: tf.zerosLike(embedding), gains: tf.onesLike(embedding) };
}

const minGain = 0.01;

/** One update, and the Euclidean norm of the gradient times the gains, a scalar. */
export function moved(
  { embedding, update, gains }: Motion,
  gradient: tf.Tensor2D,
  momentum: number,
  rate: number,
  { hasTurned }: DescentSteps,
): Motion & { readonly norm: tf.Scalar } {
  const adapted = tf.where(
    hasTurned(update, gradient),
    tf.add(gains, constant([0.2], [])),
    tf.mul(gains, constant([0.8], [])),
  );
  const next = tf.maximum<tf.Tensor2D>(adapted, constant([minGain], []));
  const scaled = tf.mul(gradient, next);
  const change = tf.sub<tf.Tensor2D>(tf.mul(update, constant([momentum], [])), tf.mul(scaled, constant([rate], [])));
  return {
    embedding: tf.add(embedding, change),
    update: change,
    gains: next,
    norm: tf.sqrt(tf.sum(tf.square(scaled))),
  };
}
