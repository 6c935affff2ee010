import { sizeOf, stridesOf, type Dense } from './dense.js';

/** Strides that read a tensor of `shape` as if it were broadcast to `target`: 0 along repeated dimensions. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/**
 * Walks over `shape` in row-major order, a row at a time, for operands with the given strides: `visit` gets the length
 * of the row, the position of its first element in each operand, and the step from one element to the next in each.
 * Dimensions that are contiguous in every operand are merged, so that rows are as long as possible.
 */
export function forEachRow(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (length: number, positions: readonly number[], steps: readonly number[]) => void,
): void {
  if (shape.includes(0)) return;
  const merged = mergeDimensions(shape, strides);
  const length = merged.at(-1)!.size;
  const steps = merged.at(-1)!.strides;
  const outer = merged.slice(0, -1);
  const positions = strides.map(() => 0);
  const index = outer.map(() => 0);
  for (;;) {
    visit(length, positions, steps);
    let axis = outer.length - 1;
    for (; axis >= 0; axis--) {
      const dimension = outer[axis]!;
      const wraps = ++index[axis]! === dimension.size;
      if (wraps) index[axis] = 0;
      const move = wraps ? 1 - dimension.size : 1;
      for (let k = 0; k < positions.length; k++) positions[k]! += move * dimension.strides[k]!;
      if (!wraps) break;
    }
    if (axis < 0) return;
  }
}

interface Dimension {
  size: number;
  strides: number[];
}

function mergeDimensions(shape: readonly number[], strides: readonly (readonly number[])[]): Dimension[] {
  const merged: Dimension[] = [{ size: 1, strides: strides.map(() => 0) }];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const here = strides.map((operand) => operand[axis]!);
    const last = merged.at(-1)!;
    if (last.size === 1) Object.assign(last, { size, strides: here });
    else if (here.every((stride, k) => last.strides[k] === stride * size))
      Object.assign(last, { size: last.size * size, strides: here });
    else merged.push({ size, strides: here });
  });
  return merged;
}

/** The elements of `data` at `start + Σ indexᵢ·stridesᵢ`, for every index of `shape` in row-major order. */
export function readStrided(
  data: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  let to = 0;
  forEachRow(shape, [strides], (length, positions, steps) => {
    const step = steps[0]!;
    let from = start + positions[0]!;
    for (let i = 0; i < length; i++, from += step) result[to++] = data[from]!;
  });
  return result;
}

/** Writes a tensor into `target` with the given strides, from `start` on. */
export function writeStrided(
  { data, shape }: Dense,
  target: Float64Array,
  strides: readonly number[],
  start: number,
): void {
  let from = 0;
  forEachRow(shape, [strides], (length, positions, steps) => {
    const step = steps[0]!;
    let to = start + positions[0]!;
    for (let i = 0; i < length; i++, to += step) target[to] = data[from++]!;
  });
}
