/**
 * Plain memory ⇄ TF.js tensors. The only place that knows about layouts: plain memory is NCHW, a 4-D tensor is NHWC;
 * other ranks are the same on both sides. See docs/concepts/layouts.md.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '@touchstone/contract';
import { transposed } from './ops/transposed.js';

/** A backend with double precision returns 64 where TF.js's own return 16 or 32. */
function holdsDoubles(): boolean {
  return (tf.backend().floatPrecision() as number) === 64;
}

/**
 * A tensor of these values in this order, without a change of layout. Uses the backend's own `write`, because
 * `tf.tensor` rounds doubles to float32 on every backend.
 */
export function constant(values: ArrayLike<number>, shape: readonly number[]): tf.Tensor {
  const Typed = holdsDoubles() ? Float64Array : Float32Array;
  const data = values instanceof Typed ? values.slice() : Typed.from(values);
  const dataId = tf.backend().write(data as Float32Array, [...shape], 'float32');
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' });
}

/** Plain memory, NCHW if 4-D → tensor, NHWC if 4-D. */
export function fromHost(host: HostTensor): tf.Tensor {
  return tf.tidy(() => fromNchw(constant(host.data, host.shape)));
}

/** Tensor, NHWC if 4-D → plain memory, NCHW if 4-D. */
export async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  const nchw = tf.tidy(() => toNchw(tensor).clone());
  try {
    const data: unknown = await nchw.data();
    return {
      shape: nchw.shape,
      data:
        data instanceof Float64Array || data instanceof Float32Array
          ? data.slice()
          : Float32Array.from(data as Int32Array),
    };
  } finally {
    nchw.dispose();
  }
}

export function fromNchw(x: tf.Tensor): tf.Tensor {
  return x.rank === 4 ? transposed(x, memoryOrder(4)) : x;
}

export function toNchw(x: tf.Tensor): tf.Tensor {
  return x.rank === 4 ? transposed(x, [0, 3, 1, 2]) : x;
}

/** The dimensions as PyTorch counts them, in the order of the tensor's axes. */
export function memoryOrder(rank: number): number[] {
  return rank === 4 ? [0, 2, 3, 1] : Array.from({ length: rank }, (_, dim) => dim);
}

/** The shape of a tensor as PyTorch has it: NCHW if 4-D. */
export function nchwShape(shape: readonly number[]): number[] {
  return shape.length === 4 ? [shape[0]!, shape[3]!, shape[1]!, shape[2]!] : [...shape];
}

/** A dimension as PyTorch counts it, in NCHW → the axis of the tensor, in NHWC. */
export function axisOf(dim: number, rank: number): number {
  const positive = dim < 0 ? dim + rank : dim;
  return rank === 4 ? [0, 3, 1, 2][positive]! : positive;
}

/**
 * Runs `run` and then disposes every tensor that it made, also when it throws; its result must be plain memory. Unlike
 * with `tf.tidy`, `run` may be asynchronous; only one scope may be open at a time.
 */
export async function scoped<T>(run: () => Promise<T>): Promise<T> {
  const engine = tf.engine();
  engine.startScope('scoped');
  try {
    return await run();
  } finally {
    engine.endScope();
  }
}
