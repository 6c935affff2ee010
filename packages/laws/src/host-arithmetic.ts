/** Arithmetic on plain tensors, in doubles. The first dimension counts images. */
import type { HostTensor } from '@touchstone/contract';

/** Element by element; all tensors have the same shape. */
export function combine(
  f: (...values: number[]) => number,
  first: HostTensor,
  ...others: readonly HostTensor[]
): HostTensor {
  return {
    shape: first.shape,
    data: Float64Array.from(first.data, (value, i) => f(value, ...others.map(({ data }) => data[i]!))),
  };
}

/** The images at `indices`, in that order. */
export function pick({ shape, data }: HostTensor, indices: readonly number[]): HostTensor {
  const size = data.length / shape[0]!;
  const picked =
    data instanceof Float32Array ? new Float32Array(indices.length * size) : new Float64Array(indices.length * size);
  for (const [to, from] of indices.entries()) picked.set(data.subarray(from * size, (from + 1) * size), to * size);
  return { shape: [indices.length, ...shape.slice(1)], data: picked };
}

/** Along dimension `axis`. */
export function pickAlong(axis: 0 | 1, tensor: HostTensor, indices: readonly number[]): HostTensor {
  if (axis === 0) return pick(tensor, indices);
  const [outer, inner, ...rest] = tensor.shape as [number, number, ...number[]];
  const rows = Array.from({ length: outer }, (_, i) => indices.map((index) => i * inner + index)).flat();
  return {
    shape: [outer, indices.length, ...rest],
    data: pick({ shape: [outer * inner, ...rest], data: tensor.data }, rows).data,
  };
}

/** Along the first dimension. */
export function join(parts: readonly HostTensor[]): HostTensor {
  const data = Float64Array.from(parts.flatMap((part) => [...part.data]));
  return { shape: [parts.reduce((n, { shape }) => n + shape[0]!, 0), ...parts[0]!.shape.slice(1)], data };
}

/** For each image, `f` of its values: [N]. */
export function perImage({ shape, data }: HostTensor, f: (values: Float32Array | Float64Array) => number): HostTensor {
  const n = shape[0]!;
  const size = data.length / n;
  return { shape: [n], data: Float64Array.from({ length: n }, (_, i) => f(data.subarray(i * size, (i + 1) * size))) };
}

export function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

export function largest(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]!));
  return size;
}

/** Σ over each image of a·b, [N]. */
export function dot(a: HostTensor, b: HostTensor): HostTensor {
  return perImage(
    combine((x, y) => x * y, a, b),
    total,
  );
}
