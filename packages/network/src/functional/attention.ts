import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { constant, fromNchw, nchwShape, toNchw } from '../layout.js';
import type { Shape } from '../modules/shape-rules.js';
import { summed } from '../ops/along-axis.js';
import { matrixProducts } from '../ops/matrix-product.js';
import { doesNotFit } from './does-not-fit.js';
import { softmaxGradient } from './softmax.js';

/** [...batch,targets,sources] is the shape of the weights. */
export interface AttentionSizes {
  readonly batch: Shape;
  readonly targets: number;
  readonly sources: number;
  readonly output: Shape;
}

/** null: the shapes do not fit. */
export function attentionSizes([q, k, v, mask]: readonly Shape[]): AttentionSizes | null {
  const batch = q!.slice(0, -2);
  const [targets, sources] = [q!.at(-2)!, k!.at(-2)!];
  const fits =
    q!.length >= 2 &&
    equal(batch, k!.slice(0, -2)) &&
    equal(batch, v!.slice(0, -2)) &&
    q!.at(-1) === k!.at(-1) &&
    sources === v!.at(-2) &&
    (!mask || broadcastsTo(mask, [...batch, targets, sources]));
  return fits ? { batch, targets, sources, output: [...batch, targets, v!.at(-1)!] } : null;
}

/**
 * softmax(q·kᵀ·scale + mask)·v, each over the last two dimensions in PyTorch's order: q [...,L,E], k [...,S,E],
 * v [...,S,Ev], mask broadcastable to [...,L,S]. The gradient needs the softmax, which is the largest tensor.
 *
 * @param isCausal token i only sees the tokens up to i @throws `bad-input` where the shapes do not fit
 */
export function scaledDotProductAttention(
  inputs: readonly Variable[],
  { scale, isCausal }: { readonly scale: number; readonly isCausal: boolean },
): Variable {
  const [q, k, v, mask] = inputs as readonly [Variable, Variable, Variable, Variable?];
  const shapes = inputs.map(({ shape }) => nchwShape(shape));
  const sizes = attentionSizes(shapes);
  if (!sizes) throw doesNotFit('scaled_dot_product_attention', ...shapes);
  const { batch, targets, sources, output } = sizes;
  const matrices = (x: tf.Tensor): tf.Tensor3D => {
    const all = toNchw(x);
    return tf.reshape(all, [-1, ...all.shape.slice(-2)] as [number, number, number]);
  };
  const shaped = (x: tf.Tensor, shape: Shape) => fromNchw(tf.reshape(x, [...shape]));
  const scaled = (x: tf.Tensor) => tf.mul(x, constant([scale], [])) as tf.Tensor3D;
  const [query, key, values] = [q.value, k.value, v.value];
  const weights = tf.tidy(() => {
    let scores: tf.Tensor = matrixProducts(scaled(matrices(query)), matrices(key), { transposeB: true });
    if (isCausal) scores = tf.add(scores, causalMask(targets, sources));
    if (mask) scores = tf.add(tf.reshape(scores, [...batch, targets, sources]), toNchw(mask.value));
    return tf.reshape<tf.Rank.R3>(tf.softmax(scores), [-1, targets, sources]);
  });
  const value = tf.tidy(() => shaped(matrixProducts(weights, matrices(values)), output));
  const needsScores = q.requiresGrad || k.requiresGrad || mask?.requiresGrad;
  return Variable.result(
    'scaled_dot_product_attention',
    value,
    [q, k, v, mask ?? null],
    (R4) => {
      const R = matrices(R4);
      const ofScores = needsScores
        ? softmaxGradient(weights, matrixProducts(R, matrices(values), { transposeB: true }), -1)
        : null;
      return [
        q.requiresGrad ? shaped(scaled(matrixProducts(ofScores!, matrices(key))), shapes[0]!) : null,
        k.requiresGrad
          ? shaped(scaled(matrixProducts(ofScores!, matrices(query), { transposeA: true })), shapes[1]!)
          : null,
        v.requiresGrad ? shaped(matrixProducts(weights, R, { transposeA: true }), shapes[2]!) : null,
        mask?.requiresGrad ? ofMask(tf.reshape(ofScores!, [...batch, targets, sources]), shapes[3]!) : null,
      ];
    },
    [q, k, v],
  );
}

/** The gradient of a mask of that shape, which was broadcast to the scores. */
function ofMask(R: tf.Tensor, shape: Shape): tf.Tensor {
  const added = R.rank - shape.length;
  const axes = [...R.shape.keys()].filter((axis) => axis < added || shape[axis - added] === 1);
  const sum = axes.reduce((y, axis) => summed(y, axis), R);
  return fromNchw(tf.reshape(sum, [...shape]));
}

/** 0 up to the diagonal, −∞ after it. */
function causalMask(rows: number, columns: number): tf.Tensor {
  const values = Float64Array.from({ length: rows * columns }, (_, i) =>
    i % columns > Math.floor(i / columns) ? -Infinity : 0,
  );
  return constant(values, [rows, columns]);
}

const equal = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

function broadcastsTo(shape: Shape, target: Shape): boolean {
  const added = target.length - shape.length;
  return added >= 0 && shape.every((size, i) => size === 1 || size === target[i + added]);
}
