import type { HostTensor } from '../domain/index.js';

/** The axes in another order, as `tf.transpose` does it: axis i of the result is axis `order[i]`. */
export function permute({ shape, data }: HostTensor, order: readonly number[]): HostTensor {
  const to = order.map((axis) => shape[axis]!);
  const strides = order.map((axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = data instanceof Float64Array ? new Float64Array(data.length) : new Float32Array(data.length);
  const at = to.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++at[axis]! < to[axis]!) break;
      from -= strides[axis]! * to[axis]!;
      at[axis] = 0;
    }
  }
  return { shape: to, data: result };
}
