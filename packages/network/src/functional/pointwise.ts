import * as tf from '@tensorflow/tfjs-core';
import { Variable } from '../autograd/variable.js';
import { bounded, boundOf } from '../ops/magnitude.js';

/** A function y(x) of each value on its own, and its derivative as PyTorch defines it at switch points. */
export interface Formula<Attributes> {
  readonly value: (x: tf.Tensor, attributes: Attributes) => tf.Tensor;
  /** dy/dx */
  readonly derivative: (x: tf.Tensor, y: tf.Tensor, attributes: Attributes) => tf.Tensor;
  /** What PyTorch keeps for the gradient: changing it in place is then refused. */
  readonly saves: 'input' | 'output';
  /** Numbers a and b with |y| ≤ a + b·|x| and |dy/dx| ≤ b; left out where there are none. */
  readonly bounds?: (attributes: Attributes) => readonly [a: number, b: number];
}

/** The function of `formula`, elementwise; x in any layout. */
export function pointwise<Attributes>(
  name: string,
  { value, derivative, saves, bounds }: Formula<Attributes>,
  x: Variable,
  attributes: Attributes,
): Variable {
  const input = x.value;
  const [atZero, slope] = bounds?.(attributes) ?? [Infinity, Infinity];
  const y = tf.tidy(() => value(input, attributes));
  bounded(y, atZero + slope * boundOf(input));
  return Variable.result(
    name,
    y,
    [x],
    (R) => [
      bounded(tf.mul(R, derivative(input, y, attributes)), boundOf(input) === Infinity ? Infinity : slope * boundOf(R)),
    ],
    [saves === 'input' ? x : 'output'],
  );
}
