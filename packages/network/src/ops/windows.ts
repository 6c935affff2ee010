/**
 * Sliding windows without a gather kernel: unfold reads every window's element at each offset, fold is its transpose.
 * Reshapes, slices and concatenations only, so that every backend gives the same values. NHWC.
 */
import * as tf from '@tensorflow/tfjs-core';

export interface Window {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
}

export type Size2 = readonly [number, number];

/** Offsets of a window's elements, in row-major order: the order in which PyTorch breaks ties. */
export function offsets({ kernelSize, dilation }: Window): Size2[] {
  const all: Size2[] = [];
  for (let y = 0; y < kernelSize[0]; y++)
    for (let x = 0; x < kernelSize[1]; x++) all.push([y * dilation[0], x * dilation[1]]);
  return all;
}

/** Pads (or, where negative, crops) rows and columns with `value`. */
export function padSpace(x: tf.Tensor4D, [top, bottom]: Size2, [left, right]: Size2, value = 0): tf.Tensor4D {
  const crop = (n: number) => Math.max(0, -n);
  const grow = (n: number) => Math.max(0, n);
  let result = x;
  if (top < 0 || bottom < 0 || left < 0 || right < 0) {
    const [n, h, w, c] = x.shape;
    result = tf.slice(
      result,
      [0, crop(top), crop(left), 0],
      [n, h - crop(top) - crop(bottom), w - crop(left) - crop(right), c],
    );
  }
  if (top > 0 || bottom > 0 || left > 0 || right > 0) {
    result = tf.pad(
      result,
      [
        [0, 0],
        [grow(top), grow(bottom)],
        [grow(left), grow(right)],
        [0, 0],
      ],
      value,
    );
  }
  return result;
}

/** x with (stride − 1) zeros after each row and column: [N,H,W,C] → [N,H·sy,W·sx,C]. */
export function spread(x: tf.Tensor4D, [sy, sx]: Size2): tf.Tensor4D {
  if (sy === 1 && sx === 1) return x;
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n * h, w, c]), [
    [0, 0],
    [0, 0],
    [0, (sx - 1) * c],
  ]);
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * sx * c]), [
    [0, 0],
    [0, sy - 1],
    [0, 0],
  ]);
  return tf.reshape(rows, [n, h * sy, w * sx, c]);
}

/** Every window's element at `offset`: [N,H,W,C] → [N,...size,C]. */
export function unfoldAt(x: tf.Tensor4D, [oy, ox]: Size2, [sy, sx]: Size2, [rows, columns]: Size2): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  if (sy === 1 && sx === 1) return tf.slice(x, [0, oy, ox, 0], [n, rows, columns, c]);
  // Padded to a multiple of the stride, the element is one slot of an sy×sx block.
  const [ay, ry] = [Math.floor(oy / sy), oy % sy];
  const [ax, rx] = [Math.floor(ox / sx), ox % sx];
  const [by, bx] = [Math.max(Math.floor(h / sy), ay + rows), Math.max(Math.floor(w / sx), ax + columns)];
  const blocks = padSpace(x, [0, by * sy - h], [0, bx * sx - w]);
  const row = tf.slice(tf.reshape(blocks, [n * by, sy, bx * sx * c]), [0, ry, 0], [n * by, 1, bx * sx * c]);
  const slot = tf.slice(tf.reshape(row, [n * by, bx, sx * c]), [0, 0, rx * c], [n * by, bx, c]);
  return tf.slice(tf.reshape<tf.Rank.R4>(slot, [n, by, bx, c]), [0, ay, ax, 0], [n, rows, columns, c]);
}

/**
 * `unfoldAt` at every offset of the window, in the order of `offsets`, each made when it is called. Where the windows
 * tile x (dilated ones that fit cannot), each row is sliced once for all offsets in it.
 */
export function unfold(x: tf.Tensor4D, window: Window, size: Size2): (() => tf.Tensor4D)[] {
  const [n, h, w, c] = x.shape;
  const [sy, sx] = window.stride;
  const tiles = window.kernelSize[0] === sy && window.kernelSize[1] === sx && size[0] * sy === h && size[1] * sx === w;
  if (!tiles) return offsets(window).map((offset) => () => unfoldAt(x, offset, window.stride, size));
  const lines = tf.reshape(x, [n * size[0], sy, w * c]);
  const pixels = n * size[0] * size[1];
  return range(sy).flatMap((ry) => {
    const row = tf.reshape(tf.slice(lines, [0, ry, 0], [n * size[0], 1, w * c]), [pixels, sx * c]);
    return range(sx).map(
      (rx) => () =>
        tf.reshape<tf.Rank.R4>(tf.slice(row, [0, rx * c], [pixels, c]), [n, ...size, c] as [
          number,
          number,
          number,
          number,
        ]),
    );
  });
}

/**
 * The transpose of `unfold`: `parts[i]` has each window's value for its element at `offsets(window)[i]`; an element of
 * several windows gets the sum. [N,H',W',C] each → [N,...size,C].
 */
export function fold(parts: readonly tf.Tensor4D[], window: Window, size: Size2): tf.Tensor4D {
  const [n, rows, columns, c] = parts[0]!.shape;
  const [sy, sx] = window.stride;
  const at = offsets(window);
  const shiftOf = ([oy, ox]: Size2): Size2 => [Math.floor(oy / sy), Math.floor(ox / sx)];
  const last = shiftOf(at.at(-1)!);
  const [by, bx] = [rows + last[0], columns + last[1]];
  const phase = (ry: number, rx: number): tf.Tensor4D => {
    const here = parts.flatMap((part, i) => {
      const [oy, ox] = at[i]!;
      if (oy % sy !== ry || ox % sx !== rx) return [];
      const [ay, ax] = shiftOf(at[i]!);
      return [padSpace(part, [ay, by - rows - ay], [ax, bx - columns - ax])];
    });
    return here.length === 0 ? tf.zeros<tf.Rank.R4>([n, by, bx, c]) : here.reduce((sum, part) => tf.add(sum, part));
  };
  const lines = range(sy).map((ry) => {
    const line = range(sx).map((rx) => phase(ry, rx));
    return tf.reshape(line.length === 1 ? line[0]! : tf.concat(line, 3), [n * by, 1, bx * sx * c]);
  });
  const whole = tf.reshape(lines.length === 1 ? lines[0]! : tf.concat(lines, 1), [
    n,
    by * sy,
    bx * sx,
    c,
  ]) as tf.Tensor4D;
  return padSpace(whole, [0, size[0] - by * sy], [0, size[1] - bx * sx]);
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
