import type * as tf from '@tensorflow/tfjs-core';
import type { OpAttributes, OpName } from '@touchstone/contract';
import type { Variable } from '../../autograd/variable.js';
import type { GradientRules } from '../../rules.js';
import type { Rule, Shape } from '../shape-rules.js';

/** A function that containers call. */
export interface OpRow<Attributes> {
  /** The smallest and the largest number of inputs; left out: exactly one. */
  readonly inputs?: readonly [min: number, max: number];
  readonly shape: Rule<Attributes>;
  /** Multiplications and additions of one call, where they are many for each value of the output. */
  readonly multiplyAdds?: (inputs: readonly Shape[], attributes: Attributes, output: Shape) => number;
  /** Values of the largest tensor in between, where it is larger than the output. */
  readonly largest?: (inputs: readonly Shape[], attributes: Attributes) => number;
  /** Makes what stays of a weight that is the second input, when the network is loaded. */
  readonly prepare?: (weight: tf.Tensor, attributes: Attributes) => unknown;
  readonly run: (inputs: readonly Variable[], attributes: Attributes, rules: GradientRules) => Variable;
}

export type OpRows<T extends OpName> = { readonly [Name in T]: OpRow<OpAttributes<Name>> };
