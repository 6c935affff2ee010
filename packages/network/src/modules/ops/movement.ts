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
    inputs: [1, Infinity],
    shape: (parts, { dim }) => {
      const axis = dim < 0 ? dim + parts[0]!.length : dim;
      return parts[0]!.map((size, i) => (i === axis ? parts.reduce((sum, part) => sum + part[i]!, 0) : size));
    },
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

/** null: the first size of the second input, which has as many images, in every layout. */
function sizesOf(shape: readonly (number | null)[], like: Shape | undefined): number[] {
  return shape.map((size) => size ?? like?.[0] ?? 1);
}
