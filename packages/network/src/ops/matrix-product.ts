/** Products of matrices, in the way that is fastest on the current backend (benchmarks/README.md). */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendTraits } from '@touchstone/contract';
import { ownKernel } from './own-kernels.js';

export interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Multiplications of two matrices from which one product per pair is faster than all pairs as one batch, on a backend
 * whose batches are slow.
 */
const minAlone = 2 ** 18;

/** Rows of the first matrix from which packing the second one each time costs little. */
const minRows = 32;

/** a·b, with aᵀ for a or bᵀ for b where so asked. */
export function matrixProduct(
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  { transposeA = false, transposeB = false }: Transposes = {},
): tf.Tensor2D {
  const own = !transposeA && (a.shape[0] === 1 || !transposeB) ? ownKernel('MatrixProduct') : null;
  if (own) return own({ a, b }, { transposeB });
  if (!onlyPlainIsFast()) return tf.matMul(a, b, transposeA, transposeB);
  const size = (a.size * b.size) / (transposeA ? a.shape[0] : a.shape[1]) ** 2;
  // Values to move: what is transposed, and the second matrix, which is packed. (bᵀ·aᵀ)ᵀ is the same product.
  const direct = (transposeA ? a.size : 0) + (transposeB ? b.size : 0) + b.size;
  const swapped = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + a.size + size;
  return direct <= swapped ? plain(a, transposeA, b, transposeB) : turned(plain(b, !transposeB, a, !transposeA));
}

/** Data of second matrices that were not copied → the shape that they were packed in. */
const packed = new WeakMap<object, string>();

/**
 * The wasm backend packs the second matrix, keeps that for as long as its data live, and takes it for any other shape
 * of the same data too (docs/upstream/README.md). So the second matrix is a copy, which takes less memory, unless there
 * are so few rows that packing it again would take longer than the product.
 */
function plain(a: tf.Tensor2D, turnA: boolean, b: tf.Tensor2D, turnB: boolean): tf.Tensor2D {
  const first = turnA ? turned(a) : a;
  const second = turnB ? turned(b) : b;
  const isNew = turnB && Math.min(...b.shape) > 1;
  const isKept = !turnB && first.shape[0] < minRows && keepsShape(second);
  return tf.matMul(first, isNew || isKept ? second : tf.slice(second, [0, 0], second.shape));
}

function keepsShape({ dataId, shape }: tf.Tensor2D): boolean {
  const known = packed.get(dataId) ?? shape.join();
  packed.set(dataId, known);
  return known === shape.join();
}

/** The products of as many pairs of matrices, [n,…,…] each. */
export function matrixProducts(a: tf.Tensor3D, b: tf.Tensor3D, transposes: Transposes = {}): tf.Tensor3D {
  const { transposeA = false, transposeB = false } = transposes;
  const [n, ...left] = a.shape;
  const [, ...right] = b.shape;
  const [rows, inner] = transposeA ? left.toReversed() : left;
  const columns = right[transposeB ? 0 : 1];
  if (n === 1) {
    const one = matrixProduct(tf.reshape(a, left), tf.reshape(b, right), transposes);
    return tf.reshape(one, [1, rows!, columns]);
  }
  if (!onlyPlainIsFast() || rows! * inner! * columns < minAlone) return tf.matMul(a, b, transposeA, transposeB);
  const others = tf.unstack(b) as tf.Tensor2D[];
  const products = (tf.unstack(a) as tf.Tensor2D[]).map((x, i) => matrixProduct(x, others[i]!, transposes));
  return tf.stack(products) as tf.Tensor3D;
}

function onlyPlainIsFast(): boolean {
  return (tf.backend() as BackendTraits).onlyPlainProductsAreFast ?? false;
}

/** The transpose; a row or column only gets its other shape. */
function turned(x: tf.Tensor2D): tf.Tensor2D {
  return Math.min(...x.shape) === 1 ? tf.reshape(x, [x.shape[1], x.shape[0]]) : tf.transpose(x);
}
