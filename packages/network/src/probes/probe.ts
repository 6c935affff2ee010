/**
 * A probe asks one thing that TF.js does otherwise than PyTorch, twice on the backend that is selected: of TF.js with
 * its own gradients (*stock*: what a port gets) and of this package (*ours*). The inputs, and PyTorch's answer, come
 * from `golden/probes.json`.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '@touchstone/contract';
import { grad } from '../autograd/backward.js';
import { Variable } from '../autograd/variable.js';

/** By name, on the engine: 4-D ones NHWC. */
export type ProbeInputs = Readonly<Record<string, tf.Tensor>>;

export interface Probe {
  readonly stock: (inputs: ProbeInputs) => tf.Tensor;
  readonly ours: (inputs: ProbeInputs) => tf.Tensor;
}

/** A tensor in plain memory; else in words, why there is none: `throws: …`, `not registered: …`. */
export type ProbeAnswer = HostTensor | string;

/** The input `name`, 4-D. */
export function map(inputs: ProbeInputs, name: string): tf.Tensor4D {
  return inputs[name] as tf.Tensor4D;
}

/** Of Σ run(x)·R with respect to x, with the gradients that are registered in TF.js. */
export function stockGradient(run: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, R?: tf.Tensor): tf.Tensor {
  return tf.grad(run)(x, R);
}

/** The same with this package's. */
export function ourGradient(run: (x: Variable) => Variable, x: tf.Tensor, R?: tf.Tensor): tf.Tensor {
  const input = Variable.leaf(x, { requiresGrad: true });
  const output = run(input);
  return grad(output, R ?? tf.onesLike(output.value), [input])[0]!;
}
