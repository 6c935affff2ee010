import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type OpAttributes } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { axisOf, nchwShape } from '../layout.js';
import { canPad, padAxis, unpadAxis } from '../ops/axis-padding.js';
import { bounded, boundOf } from '../ops/magnitude.js';

type Padding = OpAttributes<'pad'>;
type Margins = readonly [before: number, after: number];

/**
 * `F.pad`: `padding` is before and after the last NCHW dimension, then of the one before it, and so on.
 *
 * @throws `bad-input` for a dimension that is too small
 */
export function pad(x: Variable, { padding, mode, value }: Padding): Variable {
  const margins = marginsOf(x, padding);
  if (paddedShape(nchwShape(x.shape), { padding, mode, value }) === null)
    throw new TouchstoneError(
      'bad-input',
      `${mode} padding by ${padding.join(', ')} does not fit [${nchwShape(x.shape).join(',')}]`,
      'Give a larger image.',
    );
  if (mode === 'constant') return constantPad(x, margins, Number(value));
  const axes = [...margins.entries()].filter(([, sides]) => sides.some((side) => side > 0));
  const { shape } = x;
  const padded = tf.tidy(() => axes.reduce((v, [axis, sides]) => padAxis(v, axis, mode, sides), x.value).clone());
  return Variable.result('pad', bounded(padded, boundOf(x.value)), [x], (R) => [
    axes.reduceRight((v, [axis, sides]) => unpadAxis(v, axis, mode, sides, shape[axis]!), R).clone(),
  ]);
}

/** As PyTorch has it; null where the padding does not fit. */
export function paddedShape(shape: readonly number[], { padding, mode }: Padding): number[] | null {
  if (padding.length > 2 * shape.length) return null;
  const sizes = [...shape];
  for (let i = 0; i < padding.length; i += 2) {
    const dim = shape.length - 1 - i / 2;
    const sides = [padding[i]!, padding[i + 1]!];
    if (mode !== 'constant' && !canPad(mode, shape[dim]!, sides)) return null;
    sizes[dim]! += sides[0]! + sides[1]!;
  }
  return sizes.every((size) => size > 0) ? sizes : null;
}

/** By axis of the tensor. */
function marginsOf(x: Variable, padding: readonly number[]): Margins[] {
  const rank = x.shape.length;
  const margins: Margins[] = x.shape.map(() => [0, 0]);
  for (let i = 0; i < padding.length; i += 2) margins[axisOf(rank - 1 - i / 2, rank)] = [padding[i]!, padding[i + 1]!];
  return margins;
}

function constantPad(x: Variable, margins: readonly Margins[], value: number): Variable {
  const padded = tf.tidy(() => resized(x.value, margins, value));
  const back = margins.map(([before, after]): Margins => [-before, -after]);
  return Variable.result('constant_pad_nd', bounded(padded, Math.max(boundOf(x.value), Math.abs(value))), [x], (R) => [
    bounded(resized(R, back, 0), boundOf(R)),
  ]);
}

/** Cropped where negative, then padded. */
function resized(x: tf.Tensor, margins: readonly Margins[], value: number): tf.Tensor {
  const begin = margins.map(([before]) => Math.max(0, -before));
  const size = x.shape.map((from, i) => from - begin[i]! - Math.max(0, -margins[i]![1]));
  const cropped = size.every((length, i) => length === x.shape[i]) ? x : tf.slice(x, begin, size);
  const grown = margins.map((sides) => sides.map((side) => Math.max(0, side)) as [number, number]);
  return grown.flat().some((side) => side > 0) ? tf.pad(cropped, grown, value) : cropped.clone();
}
