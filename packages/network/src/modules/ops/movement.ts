import { valuesIn, type OpName } from '@touchstone/contract';
import { sliceSize } from '../../functional/along-dim.js';
import * as F from '../../functional/functional.js';
import { expanded, reshaped } from '../../functional/movement.js';
import { scatteredSize } from '../../ops/along-axis.js';
import { flatten, same, type Shape } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** The same values in another form. */
export const movement = {
  cat: {
    inputs: [1, 10_000],
    shape: concatenated,
    run: (parts, a) => F.cat(parts, a.dim),
  },
  flatten: { shape: flatten, run: ([x], a) => F.flatten(x!, a.startDim, a.endDim) },
  reshape: { shape: ([x], a) => reshaped(x!, a.shape), run: ([x], a) => F.reshape(x!, a.shape) },
  /** Of memory, which only PyTorch lays out. */
  contiguous: { shape: same, run: ([x]) => F.clone(x!) },
  permute: {
    shape: ([x], { dims }) => (x!.length === dims.length ? dims.map((dim) => x![dim]!) : null),
    run: ([x], a) => F.permute(x!, a.dims),
  },
  expand: {
    inputs: [1, 2],
    shape: ([x, like], a) => expanded(x!, sizesOf(a.shape, like)),
    run: ([x, like], a) => F.expand(x!, sizesOf(a.shape, like?.shape)),
  },
  select: {
    shape: ([x], { dim, index }) => (index < (x![dim] ?? 0) ? x!.toSpliced(dim, 1) : null),
    run: ([x], a) => F.select(x!, a.dim, a.index),
  },
  slice: {
    shape: ([x], { dim, start, end, step }) =>
      start < (x![dim] ?? 0) ? x!.with(dim, sliceSize(x![dim]!, start, end, step)) : null,
    run: ([x], a) => F.slice(x!, a.dim, a.start, a.end, a.step),
  },
  index_select: {
    shape: ([x], { dim, index }) => (index.every((i) => i < (x![dim] ?? 0)) ? x!.with(dim, index.length) : null),
    largest: ([x], { dim, index }) => (valuesIn(x!) / x![dim]!) * scatteredSize(index, x![dim]!),
    run: ([x], a) => F.indexSelect(x!, a.dim, a.index),
  },
  roll: {
    shape: ([x], { dims }) => (Math.max(...dims) < x!.length ? x! : null),
    run: ([x], a) => F.roll(x!, a.shifts, a.dims),
  },
  flip: {
    shape: ([x], { dims }) => (Math.max(...dims) < x!.length ? x! : null),
    run: ([x], a) => F.flip(x!, a.dims),
  },
} satisfies Partial<OpRows<OpName>>;

/** Null where they differ in another dimension than `dim`. */
function concatenated(parts: readonly Shape[], { dim }: { readonly dim: number }): Shape | null {
  const [first, ...others] = parts as readonly [Shape, ...Shape[]];
  const axis = dim < 0 ? dim + first.length : dim;
  const fits = (part: Shape) =>
    part.length === first.length && part.every((size, i) => i === axis || size === first[i]);
  if (first[axis] === undefined || !others.every(fits)) return null;
  return first.with(
    axis,
    parts.reduce((sum, part) => sum + part[axis]!, 0),
  );
}

/** null: the first size of the second input, which has as many images, in every layout. */
function sizesOf(shape: readonly (number | null)[], like: Shape | undefined): number[] {
  return shape.map((size) => size ?? like?.[0] ?? 1);
}
