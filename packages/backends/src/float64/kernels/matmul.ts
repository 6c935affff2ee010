import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { type Dense, sizeOf } from '../dense.js';
import { kernel, type Kernels } from '../kernel.js';
import { matrix, multiplyInto, pack, transposed, type Matrix } from '../matrix.js';
import { broadcastStrides, readStrided } from '../rows.js';
import { combine } from './binary.js';
import { mapElements, relu, relu6, sigmoid } from './unary.js';

/** The matrices in the last two dimensions, one per element of the broadcast `batch`. */
function matricesOf({ shape, data }: Dense, transpose: boolean, batch: readonly number[]): Matrix[] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const numbers = Float64Array.from({ length: sizeOf(shape.slice(0, -2)) }, (_, i) => i);
  const chosen = readStrided(numbers, batch, broadcastStrides(shape.slice(0, -2), batch));
  return Array.from(chosen, (number) => {
    const plain = matrix(data, rows, columns, number * rows * columns);
    return transpose ? transposed(plain) : plain;
  });
}

function multiply(a: Dense, b: Dense, transposeA: boolean, transposeB: boolean): Dense {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  tf.util.assert(
    inner === b.shape.at(transposeB ? -1 : -2),
    () =>
      `matMul: inner sizes of [${a.shape.join(', ')}] and [${b.shape.join(', ')}] differ ` +
      `(transposeA ${transposeA}, transposeB ${transposeB})`,
  );
  const data = new Float64Array(sizeOf(batch) * rows * columns);
  const right = matricesOf(b, transposeB, batch);
  matricesOf(a, transposeA, batch).forEach((left, i) => multiplyInto(left, pack(right[i]!), data, i * rows * columns));
  return { shape: [...batch, rows, columns], dtype: tf.upcastType(a.dtype, b.dtype), data };
}

const activations: Readonly<Record<string, (value: number) => number>> = {
  linear: (value) => value,
  relu,
  relu6,
  sigmoid,
};

function activate(x: Dense, name: string): Dense {
  const activation = activations[name];
  if (!activation)
    throw new TouchstoneError('unsupported', `the float64 backend does not support the fused activation "${name}"`);
  return mapElements(x, activation);
}

export const matmul: Kernels = {
  BatchMatMul: kernel<tf.BatchMatMulInputs, tf.BatchMatMulAttrs>(({ a, b }, { transposeA, transposeB }) =>
    multiply(a, b, transposeA, transposeB),
  ),
  _FusedMatMul: kernel<tf._FusedMatMulInputs, tf._FusedMatMulAttrs>(
    ({ a, b, bias }, { transposeA, transposeB, activation }) => {
      const product = multiply(a, b, transposeA, transposeB);
      const biased = bias ? combine(product, bias, (value, offset) => value + offset) : product;
      return activate(biased, activation ?? 'linear');
    },
  ),
};
