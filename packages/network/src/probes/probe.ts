/**
 * A probe is one question where TF.js differs from PyTorch, answered twice on the current backend: by TF.js with its
 * own gradients (*stock*: what a port gets) and by this package (*ours*). The inputs, and PyTorch's answer, come from
 * `golden/probes.json`.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '@touchstone/contract';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';

/** Name → tensor, NHWC if 4-D. */
export type ProbeInputs = Readonly<Record<string, tf.Tensor>>;

export interface Probe {
  readonly stock: (inputs: ProbeInputs) => tf.Tensor;
  readonly ours: (inputs: ProbeInputs) => tf.Tensor;
}

/** A tensor in plain memory, or the reason why there is none: `throws: …`, `not registered: …`. */
export type ProbeAnswer = HostTensor | string;

/** The input `name`, 4-D. */
export function map(inputs: ProbeInputs, name: string): tf.Tensor4D {
  return inputs[name] as tf.Tensor4D;
}

/** The gradient of Σ run(x)·R with respect to x, by the gradients registered in TF.js. */
export function stockGradient(run: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, R?: tf.Tensor): tf.Tensor {
  return tf.grad(run)(x, R);
}

/** The same by this package. */
export function ourGradient(run: (x: Variable) => Variable, x: tf.Tensor, R?: tf.Tensor): tf.Tensor {
  const input = Variable.leaf(x, { requiresGrad: true });
  const output = run(input);
  return grad(output, R ?? tf.onesLike(output.value), [input])[0]!;
}
