/** Answers whose axes are missing, or in another order. */
import { permute, sameShape, type HostTensor } from '@touchstone/contract';
import type { Layout } from '@touchstone/port';

export interface ShapeFault {
  readonly fault: string;
  readonly remedy: string;
}

/** [N,C,H,W] and its order in the layout. */
const axesOf = (layout: Layout): string => (layout === 'NHWC' ? '[N,H,W,C]' : '[N,C,H,W]');

/**
 * The port declares NHWC, and returned NCHW, so that a conversion of ours moved the axes: with the values of `expected`
 * or, at least, with its shape where that of NHWC is another.
 *
 * @param isRight whether a tensor of the expected shape has the expected values
 */
export function declaredNhwc(
  given: HostTensor,
  expected: readonly number[],
  layout: Layout,
  isRight: (tensor: HostTensor) => boolean,
): ShapeFault | null {
  if (layout !== 'NHWC' || given.shape.length !== 4) return null;
  const returned = permute(given, [0, 2, 3, 1]);
  if (!sameShape(returned.shape, expected)) return null;
  if (sameShape(given.shape, expected) && !isRight(returned)) return null;
  return {
    fault: 'the layout NHWC is declared, but NCHW is returned',
    remedy: "Return [N,H,W,C] with the channels last, or leave out layout: 'NHWC'.",
  };
}

/** Axes of size 1 are missing. */
export function lostAxes(
  { shape }: HostTensor,
  expected: readonly number[],
  layout: Layout = 'NCHW',
): ShapeFault | null {
  const long = (each: readonly number[]): number[] => each.filter((size) => size !== 1);
  if (shape.length >= expected.length || !sameShape(long(shape), long(expected))) return null;
  const names = ['images (N)', 'channels (C)', 'rows (H)', 'columns (W)'];
  const lost = expected.flatMap((size, axis) => (size === 1 ? [names[axis] ?? `dimension ${axis}`] : []));
  const named = expected.length === 4 && lost.length === expected.length - shape.length;
  const axes = named ? `the axis of the ${lost.join(' and that of the ')}` : 'every axis';
  const whole = expected.length === 4 ? `: return ${axesOf(layout)}` : '';
  return {
    fault: 'axes of size 1 are lost, as by squeeze()',
    remedy: `Keep ${axes}${whole}. Run "touchstone port check", which asks for batches.`,
  };
}

/** What to do where rows and columns are exchanged. */
export const heightFirst = (layout: Layout = 'NCHW'): string => `Give height before width: ${axesOf(layout)}.`;
