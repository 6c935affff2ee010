/** Padding an axis with values of x itself, as a list of stretches of x; the gradient adds each stretch back. */
import * as tf from '@tensorflow/tfjs-core';
import { cut, flipped, placed, repeated, summed } from './along-axis.js';

export type MirrorMode = 'reflect' | 'replicate' | 'circular';

/** Positions `from`, `from` + 1, … of the axis, `length` of them; `repeated`: `length` times the position `from`. */
interface Stretch {
  readonly from: number;
  readonly length: number;
  readonly order: 'forwards' | 'backwards' | 'repeated';
}

interface Row {
  /** The most that one side of an axis of length `size` takes. */
  readonly most: (size: number) => number;
  readonly order: Stretch['order'];
  /** Where the stretches before and after begin. */
  readonly before: (size: number, length: number) => number;
  readonly after: (size: number, length: number) => number;
}

const modes: Readonly<Record<MirrorMode, Row>> = {
  reflect: {
    most: (size) => size - 1,
    order: 'backwards',
    before: () => 1,
    after: (size, length) => size - 1 - length,
  },
  replicate: { most: () => Infinity, order: 'repeated', before: () => 0, after: (size) => size - 1 },
  circular: { most: (size) => size, order: 'forwards', before: (size, length) => size - length, after: () => 0 },
};

/** Whether PyTorch takes this padding of an axis of length `size`. */
export function canPad(mode: MirrorMode, size: number, padding: readonly number[]): boolean {
  return padding.every((length) => length >= 0 && length <= modes[mode].most(size));
}

function stretchesOf(mode: MirrorMode, size: number, [before, after]: readonly [number, number]): Stretch[] {
  const row = modes[mode];
  const all: Stretch[] = [
    { from: row.before(size, before), length: before, order: row.order },
    { from: 0, length: size, order: 'forwards' },
    { from: row.after(size, after), length: after, order: row.order },
  ];
  return all.filter(({ length }) => length > 0);
}

/** For each position of the padded axis, the position of x that it has the value of. */
export function paddedIndex(mode: MirrorMode, size: number, padding: readonly [number, number]): number[] {
  return stretchesOf(mode, size, padding).flatMap(({ from, length, order }) =>
    Array.from({ length }, (_, i) => from + { forwards: i, backwards: length - 1 - i, repeated: 0 }[order]),
  );
}

export function padAxis(x: tf.Tensor, axis: number, mode: MirrorMode, padding: readonly [number, number]): tf.Tensor {
  const parts = stretchesOf(mode, x.shape[axis]!, padding).map(({ from, length, order }) => {
    if (order === 'repeated') return repeated(cut(x, axis, from, 1), axis, length);
    const part = cut(x, axis, from, length);
    return order === 'backwards' ? flipped(part, axis) : part;
  });
  return parts.length === 1 ? parts[0]! : tf.concat(parts, axis);
}

/** The transpose of `padAxis`: R has the padded axis, the result one of length `size`. */
export function unpadAxis(
  R: tf.Tensor,
  axis: number,
  mode: MirrorMode,
  padding: readonly [number, number],
  size: number,
): tf.Tensor {
  let at = 0;
  const parts = stretchesOf(mode, size, padding).map(({ from, length, order }) => {
    const part = cut(R, axis, at, length);
    at += length;
    const values = {
      forwards: () => part,
      backwards: () => flipped(part, axis),
      repeated: () => summed(part, axis),
    };
    return placed(values[order](), axis, from, size);
  });
  return parts.reduce((sum, part) => tf.add(sum, part));
}
