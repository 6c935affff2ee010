/** For tests: a function's gradients next to finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { grad } from '../../autograd/backward.js';
import { Variable } from '../../autograd/variable.js';
import { fromHost, nchwShape } from '../../layout.js';
import { pytorchRules } from '../../rules.js';
import { shapeAfter } from '../shapes.js';
import { values, type OpExample } from './examples.js';
import { opRow } from './ops.js';

export interface GradientCheck {
  /** What the shape rule says, and what came out, as PyTorch shows it. */
  readonly shapes: readonly [rule: readonly number[] | null, result: readonly number[]];
  /**
   * Per input, along one direction: the derivative of Σ y·R by its gradient, and by (f(x + h) − f(x − h))/2h. R and the
   * direction have values in [−2, 2].
   */
  readonly derivatives: readonly (readonly [gradient: number, difference: number])[];
}

/** Leaves no tensor. @param h such as 1e-5 in double precision, 2⁻⁷ in float32 */
export function checkGradients({ op, inputs, constant, attributes }: OpExample, h: number): GradientCheck {
  const run = (given: readonly Variable[]): Variable => opRow(op).run(given, attributes, pytorchRules);
  return scoped(() => {
    const tensors = inputs.map((input) => fromHost(input));
    const variables = tensors.map((tensor) => Variable.leaf(tensor, { requiresGrad: true }));
    const y = run(variables);
    const R = tensorLike(y.value, 1);
    const moving = [...tensors.keys()].filter((i) => !constant?.includes(i));
    const gradients = grad(
      y,
      R,
      moving.map((i) => variables[i]!),
    );
    const derivatives = moving.map((i, k) => {
      const tensor = tensors[i]!;
      const direction = tensorLike(tensor, 2);
      const moved = (by: number): number => {
        const x = tf.add(tensor, tf.mul(direction, fromHost({ shape: [], data: Float64Array.of(by) })));
        return dot(run(tensors.map((other, j) => Variable.leaf(i === j ? x : other))).value, R);
      };
      return [dot(gradients[k]!, direction), (moved(h) - moved(-h)) / (2 * h)] as const;
    });
    const rule = shapeAfter(
      op,
      inputs.map(({ shape }) => shape),
      attributes,
    );
    return { shapes: [rule, nchwShape(y.shape)], derivatives };
  });
}

function tensorLike({ shape }: tf.Tensor, seed: number): tf.Tensor {
  return fromHost(values(nchwShape(shape), { seed }));
}

/** Summed in double precision. */
function dot(a: tf.Tensor, b: tf.Tensor): number {
  const [x, y] = [Array.from(a.dataSync()), b.dataSync()];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

function scoped<T>(run: () => T): T {
  let result: T;
  tf.tidy(() => void (result = run()));
  return result!;
}
