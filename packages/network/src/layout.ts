/**
 * The one door between plain memory and the engine, and the one place that knows about layouts:
 * outside everything is NCHW, inside a 4-D tensor is NHWC. Other ranks are the same on both sides.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '@touchstone/contract';

/** A backend whose tensors are doubles answers 64 where TF.js knows 16 and 32. */
function holdsDoubles(): boolean {
  return (tf.backend().floatPrecision() as number) === 64;
}

/**
 * A tensor as it stands, without a change of layout. Goes through the backend's own `write`, since `tf.tensor` rounds
 * doubles to float32 on every backend.
 */
export function constant(values: ArrayLike<number>, shape: readonly number[]): tf.Tensor {
  const Typed = holdsDoubles() ? Float64Array : Float32Array;
  const data = values instanceof Typed ? values.slice() : Typed.from(values);
  const dataId = tf.backend().write(data as Float32Array, [...shape], 'float32');
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype: 'float32' });
}

/** Plain NCHW memory → engine tensor, NHWC if 4-D. */
export function fromHost(host: HostTensor): tf.Tensor {
  return tf.tidy(() => fromNchw(constant(host.data, host.shape)));
}

/** Engine tensor, NHWC if 4-D → plain NCHW memory. */
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
  return x.rank === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x;
}

export function toNchw(x: tf.Tensor): tf.Tensor {
  return x.rank === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;
}

/** The shape that PyTorch would show. */
export function nchwShape(shape: readonly number[]): number[] {
  return shape.length === 4 ? [shape[0]!, shape[3]!, shape[1]!, shape[2]!] : [...shape];
}

/** A dimension as PyTorch counts it → the axis of the engine's tensor. */
export function axisOf(dim: number, rank: number): number {
  const positive = dim < 0 ? dim + rank : dim;
  return rank === 4 ? [0, 3, 1, 2][positive]! : positive;
}

/**
 * Runs `run` and disposes every tensor made meanwhile, also when it throws; what it returns must be plain memory.
 * Unlike `tf.tidy` it may be asynchronous; so one engine runs one scope at a time.
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
