/** Tensors as a fault of the glue leaves them. */
import { permute, valuesIn, type HostTensor } from '@touchstone/contract';

/** The axes in another order, values moved with them. Null for another number of axes. */
export function permuted(tensor: HostTensor, axes: readonly number[]): HostTensor | null {
  return tensor.shape.length === axes.length ? permute(tensor, axes) : null;
}

/** The same values in the same order, under another shape. */
export function reshaped({ data }: HostTensor, shape: readonly number[]): HostTensor {
  return { shape, data };
}

/** The axes in another order, but the shape as it was: values of one layout under the shape of the other. */
export function misread(tensor: HostTensor, axes: readonly number[]): HostTensor | null {
  const moved = permuted(tensor, axes);
  return moved && reshaped(moved, tensor.shape);
}

/** The opposite: values in their order are taken for those of the moved axes, and moved back. */
export function readAs(tensor: HostTensor, axes: readonly number[]): HostTensor | null {
  if (tensor.shape.length !== axes.length) return null;
  const other = reshaped(
    tensor,
    axes.map((axis) => tensor.shape[axis]!),
  );
  return permuted(
    other,
    tensor.shape.map((_, axis) => axes.indexOf(axis)),
  );
}

/** One axis in the opposite order. */
export function reversed({ shape, data }: HostTensor, axis: number): HostTensor | null {
  const length = shape[axis];
  if (length === undefined) return null;
  const inner = valuesIn(shape.slice(axis + 1));
  const flipped = data.map((_, i) => {
    const along = Math.floor(i / inner) % length;
    return data[i + (length - 1 - 2 * along) * inner]!;
  });
  return { shape, data: flipped };
}

/** The rows of the first image, for each image. */
export function firstRepeated({ shape, data }: HostTensor): HostTensor {
  const size = data.length / shape[0]!;
  return { shape, data: data.map((_, i) => data[i % size]!) };
}

export function mapped({ shape, data }: HostTensor, change: (value: number) => number): HostTensor {
  return { shape, data: Float64Array.from(data, change) };
}

/** Each image's values changed by what holds for them together. */
export function mappedPerImage(
  { shape, data }: HostTensor,
  changeOf: (values: Float64Array) => (value: number) => number,
): HostTensor {
  const size = data.length / shape[0]!;
  const all = Float64Array.from(data);
  for (let start = 0; start < all.length; start += size) {
    const values = all.subarray(start, start + size);
    values.set(values.map(changeOf(values.slice())));
  }
  return { shape, data: all };
}
