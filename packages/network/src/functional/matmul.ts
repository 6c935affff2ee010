/** Products of matrices in the last two dimensions, as PyTorch counts them (NCHW); 4-D values are NHWC in memory. */
import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { fromNchw, nchwShape, toNchw } from '../layout.js';
import { broadcast, type Shape } from '../modules/shape-rules.js';
import { repeated, summed } from '../ops/along-axis.js';
import { matrixProducts } from '../ops/matrix-product.js';
import { doesNotFit } from './does-not-fit.js';

/** The product of two matrices, or of each pair of a batch. */
export interface ProductSizes {
  /** The dimensions before the last two, broadcast. */
  readonly batch: Shape;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Whether each matrix of the first is multiplied by the same: then they are one matrix. */
  readonly isJoined: boolean;
  readonly output: Shape;
}

/** As `torch.matmul`: a vector is a row on the left and a column on the right. null: the shapes do not fit. */
export function productSizes(a: Shape, b: Shape): ProductSizes | null {
  if (a.length === 0 || b.length === 0) return null;
  const [left, right] = [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
  const batch = broadcast([left.slice(0, -2), right.slice(0, -2)], {});
  const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
  if (!batch || right.at(-2) !== inner) return null;
  const output = [...batch, ...(a.length === 1 ? [] : [rows]), ...(b.length === 1 ? [] : [columns])];
  const isJoined = right.slice(0, -2).every((size) => size === 1);
  return { batch, rows, inner, columns, isJoined, output };
}

/** As `torch.matmul`. @throws `bad-input` where the shapes do not fit */
export function matmul(a: Variable, b: Variable): Variable {
  const [from, to] = [nchwShape(a.shape), nchwShape(b.shape)];
  const sizes = productSizes(from, to);
  if (!sizes) throw doesNotFit('matmul', from, to);
  const { rows, inner, columns, output, isJoined } = sizes;
  const batch = isJoined ? [] : sizes.batch;
  const left = new Matrices(from, batch, isJoined ? [-1, inner] : [rows, inner]);
  const right = new Matrices(to, batch, [inner, columns]);
  const [x, y] = [a.value, b.value];
  const value = tf.tidy(() => fromNchw(tf.reshape(matrixProducts(left.of(x), right.of(y)), [...output])));
  return Variable.result(
    'matmul',
    value,
    [a, b],
    (R4) => {
      const [, height] = left.of(x).shape;
      const R = tf.reshape<tf.Rank.R3>(toNchw(R4), [-1, height, columns]);
      return [
        a.requiresGrad ? left.back(matrixProducts(R, right.of(y), { transposeB: true })) : null,
        b.requiresGrad ? right.back(matrixProducts(left.of(x), R, { transposeA: true })) : null,
      ];
    },
    [...(b.requiresGrad ? [a] : []), ...(a.requiresGrad ? [b] : [])],
  );
}

/** A tensor as a list of matrices, and such a list as the gradient of the tensor. */
class Matrices {
  readonly #shape: Shape;
  readonly #batch: Shape;
  readonly #matrix: readonly [number, number];
  /** The dimensions before the last two, with ones for those that are missing. */
  readonly #own: readonly number[];
  readonly #repeats: readonly number[];

  /** @param batch what its own dimensions before the last two are broadcast to */
  constructor(shape: Shape, batch: Shape, matrix: readonly [number, number]) {
    this.#shape = shape;
    this.#batch = batch;
    this.#matrix = matrix;
    const own = shape.slice(0, -2);
    this.#own = batch.map((_, i) => own[i - batch.length + own.length] ?? 1);
    this.#repeats = batch.flatMap((size, i) => (size === this.#own[i] ? [] : [i]));
  }

  of(x: tf.Tensor): tf.Tensor3D {
    const all = tf.reshape(toNchw(x), [...this.#own, ...this.#matrix]);
    const repeatedAll = this.#repeats.reduce((y, axis) => repeated(y, axis, this.#batch[axis]!), all);
    return tf.reshape(repeatedAll, [-1, ...repeatedAll.shape.slice(-2)] as [number, number, number]);
  }

  back(R: tf.Tensor3D): tf.Tensor {
    const all = tf.reshape(R, [...this.#batch, ...R.shape.slice(1)]);
    return fromNchw(
      tf.reshape(
        this.#repeats.reduce((y, axis) => summed(y, axis), all),
        [...this.#shape],
      ),
    );
  }
}
