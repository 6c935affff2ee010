/** The output shapes of layers and functions. */
import type { LeafAttributes } from '@touchstone/contract';
import { windowCount } from '../ops/window-count.js';

/** As PyTorch shows it: [N,C,H,W], [N,features], … */
export type Shape = readonly number[];

/** Null where the inputs do not fit. */
export type Rule<Attributes> = (inputs: readonly Shape[], attributes: Attributes) => Shape | null;

export const same: Rule<unknown> = ([x]) => x!;

export const alongDim: Rule<{ readonly dim: number }> = ([x], { dim }) => (dim < x!.length ? x! : null);

export interface WindowAttributes {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly ceilMode?: boolean;
}

/** @param channels of the output; undefined: those of the input */
export function windows(
  x: Shape,
  { kernelSize, stride, padding, dilation = [1, 1], ceilMode = false }: WindowAttributes,
  channels = x[1]!,
): Shape | null {
  if (x.length !== 4) return null;
  const size = (i: 0 | 1) =>
    windowCount(x[2 + i]!, {
      kernelSize: kernelSize[i],
      stride: stride[i],
      padding: padding[i],
      dilation: dilation[i],
      ceilMode,
    });
  return [x[0]!, channels, size(0), size(1)];
}

/** Values of the input with margins above and below, left and right. */
export function paddedValues(
  [x]: readonly Shape[],
  { padding: [rows, columns] }: Pick<WindowAttributes, 'padding'>,
): number {
  return x![0]! * x![1]! * (x![2]! + 2 * rows) * (x![3]! + 2 * columns);
}

export const pool: Rule<WindowAttributes> = ([x], attributes) => windows(x!, attributes);

export const adaptivePool: Rule<LeafAttributes<'AdaptiveAvgPool2d'>> = ([x], { outputSize: [rows, columns] }) =>
  x!.length === 4 ? [x![0]!, x![1]!, rows ?? x![2]!, columns ?? x![3]!] : null;

export const flatten: Rule<LeafAttributes<'Flatten'>> = ([x], { startDim, endDim }) => {
  const at = (dim: number) => (dim < 0 ? dim + x!.length : dim);
  const [start, end] = [at(startDim), at(endDim)];
  if (start < 0 || end < start || end >= Math.max(1, x!.length)) return null;
  return [...x!.slice(0, start), x!.slice(start, end + 1).reduce((a, b) => a * b, 1), ...x!.slice(end + 1)];
};

/** Of two or more shapes, each aligned at its last dimension. */
export const broadcast: Rule<unknown> = (shapes) => {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const result = Array.from({ length: rank }, () => 1);
  for (const shape of shapes) {
    for (const [i, size] of shape.entries()) {
      const at = i + rank - shape.length;
      if (size !== 1 && result[at] !== 1 && result[at] !== size) return null;
      if (size !== 1) result[at] = size;
    }
  }
  return result;
};
