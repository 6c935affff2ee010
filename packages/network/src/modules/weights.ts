/** A network's weights on the current TF.js backend, by their `state_dict` names. */
import * as tf from '@tensorflow/tfjs-core';
import { unknownName, type HostTensor, type LeafAttributes, type NetworkDescription } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { checkedShape, checkNames } from './check-weights.js';
import type { KernelsAndBias } from './blocks.js';
import { kernelsOf, weightFromKernel, type Kernels } from '../ops/convolution/kernels.js';
import { disposeKernels } from '../ops/convolution/kernel-cache.js';
import { fromHost, toHost } from '../layout.js';
import { weightShapes } from './leaves.js';
import { affineOf, type Affine, type Statistics } from '../ops/batch-norm.js';

export class Weights {
  readonly #variables = new Map<string, Variable>();
  /** Weights of convolutions that were requested as variables, held like any 4-D tensor; made from the kernels. */
  readonly #requested = new Map<string, Variable>();
  /** A convolution's path → its weight as the backend uses it. */
  readonly #kernels = new Map<string, { kernels: Kernels; settings: LeafAttributes<'Conv2d'> }>();
  /** A batch normalisation's path → its scale and shift, computed once, and the weights that they come from. */
  readonly #affines = new Map<string, { affine: Affine; statistics: Statistics }>();
  readonly #names: readonly string[];

  /**
   * Reads each of `given` once, and uploads it before it reads the next.
   *
   * @throws `bad-network` for a missing or unknown weight, or one of the wrong shape; no tensor is left behind
   */
  constructor(description: NetworkDescription, given: Readonly<Record<string, HostTensor>>) {
    const expected = weightShapes(description);
    checkNames(description, expected, given);
    this.#names = [...expected.keys()];
    try {
      for (const [name, shape] of expected)
        this.#load(name, checkedShape(description, name, given[name]!, shape), description);
      for (const [path, module] of Object.entries(description.modules)) {
        if (!('attributes' in module) || module.type !== 'BatchNorm2d') continue;
        const statistics = this.#statistics(path, module.attributes as LeafAttributes<'BatchNorm2d'>);
        this.#affines.set(path, { affine: kept(() => affineOf(statistics)), statistics });
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #load(name: string, tensor: HostTensor, { modules }: NetworkDescription): void {
    const [path, own] = split(name);
    const module = modules[path]!;
    if ('attributes' in module && module.type === 'Conv2d' && own === 'weight') {
      const settings = module.attributes as LeafAttributes<'Conv2d'>;
      this.#kernels.set(path, { kernels: kept(() => kernelsOf(fromHost(tensor) as tf.Tensor4D, settings)), settings });
    } else {
      this.#variables.set(name, parameter(name, tf.keep(fromHost(tensor))));
    }
  }

  /** A convolution's weights; null where the gradient of one is required. */
  withoutGradient(path: string): KernelsAndBias | null {
    const bias = this.requested(`${path}.bias`);
    if (bias?.requiresGrad || this.requested(`${path}.weight`)?.requiresGrad) return null;
    return { ...this.kernels(path), bias: (bias?.value ?? null) as tf.Tensor1D | null };
  }

  kernels(path: string): Kernels {
    return this.#kernels.get(path)!.kernels;
  }

  /** A batch normalisation's scale and shift; null where one of its weights was changed after loading. */
  affine(path: string): Affine | null {
    const { affine, statistics } = this.#affines.get(path)!;
    const now = this.#statistics(path, statistics);
    return (['mean', 'variance', 'weight', 'bias'] as const).every((name) => now[name] === statistics[name])
      ? affine
      : null;
  }

  #statistics(path: string, { eps }: { readonly eps: number }): Statistics {
    const of = (name: string): tf.Tensor | null => this.#variables.get(`${path}.${name}`)?.value ?? null;
    return { mean: of('running_mean')!, variance: of('running_var')!, weight: of('weight'), bias: of('bias'), eps };
  }

  /** A weight as a variable; null for a convolution's weight for which `get` was never called. */
  requested(name: string): Variable | null {
    return this.#variables.get(name) ?? this.#requested.get(name) ?? null;
  }

  /** @throws `unknown-name` with the nearest */
  get(name: string): Variable {
    const requested = this.requested(name);
    if (requested) return requested;
    const convolution = this.#kernels.get(split(name)[0]);
    if (!convolution || !this.#names.includes(name)) throw unknownName('weight', name, this.#names);
    const weight = parameter(name, () => weightFromKernel(convolution.kernels.kernel, convolution.settings));
    this.#requested.set(name, weight);
    return weight;
  }

  /** All of them in plain memory, as they were given; no tensor is left behind. */
  async read(): Promise<Record<string, HostTensor>> {
    const weights: Record<string, HostTensor> = {};
    for (const name of this.#names) {
      const value = this.#variables.get(name)?.value.clone() ?? this.#weightOf(split(name)[0]);
      weights[name] = await toHost(value);
      value.dispose();
    }
    return weights;
  }

  #weightOf(convolution: string): tf.Tensor {
    const { kernels, settings } = this.#kernels.get(convolution)!;
    return tf.tidy(() => weightFromKernel(kernels.kernel, settings).clone());
  }

  dispose(): void {
    for (const { value } of this.#variables.values()) {
      disposeKernels(value);
      value.dispose();
    }
    for (const { kernels } of this.#kernels.values()) tf.dispose({ ...kernels } as tf.TensorContainer);
    for (const { affine } of this.#affines.values()) tf.dispose({ ...affine });
  }
}

/** Tensors that no scope disposes. */
function kept<T extends Kernels | Affine>(make: () => T): T {
  const made = tf.tidy(make as unknown as () => tf.NamedTensorMap) as unknown as T;
  for (const tensor of Object.values(made).flat() as (tf.Tensor | null)[]) if (tensor) tf.keep(tensor);
  return made;
}

function parameter(name: string, value: tf.Tensor | (() => tf.Tensor)): Variable {
  return Variable.leaf(value, { name: `parameter "${name}"` });
}

function split(name: string): [path: string, own: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
}
