/** A network's weights on the current engine, by their `state_dict` names. */
import * as tf from '@tensorflow/tfjs-core';
import {
  TouchstoneError,
  unknownName,
  type HostTensor,
  type LeafAttributes,
  type LeafType,
  type NetworkDescription,
} from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import type { UnwatchedKernels } from './blocks.js';
import { kernelsOf, weightFromKernel, type Kernels } from '../kernels/convolution.js';
import { constant, fromHost } from '../layout.js';
import { leaves } from './leaves.js';
import { affineOf, type Affine, type Statistics } from '../kernels/normalisation.js';

export class Weights {
  /** Leaves of the graph. */
  readonly #variables = new Map<string, Variable>();
  /** Weights of convolutions that somebody has asked for, held like any 4-D tensor; the engine has their kernels. */
  readonly #shown = new Map<string, Variable>();
  /** A convolution's path → its weight as the engine uses it. */
  readonly #kernels = new Map<string, { kernels: Kernels; settings: LeafAttributes<'Conv2d'> }>();
  /** A batch normalisation's path → what its statistics come to, which every pass would work out anew. */
  readonly #affines = new Map<string, { affine: Affine; statistics: Statistics }>();
  readonly #names: readonly string[];

  /**
   * Reads each of `given` once, and none before the one before it is on the engine.
   * @throws `bad-network` for a weight that is missing, too many, or of the wrong shape; nothing is left on the engine
   */
  constructor(description: NetworkDescription, given: Readonly<Record<string, HostTensor>>) {
    const expected = weightShapes(description);
    checkNames(description, expected, given);
    this.#names = [...expected.keys()];
    try {
      for (const [name, shape] of expected)
        this.#load(name, ofShape(description, name, given[name]!, shape), description);
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
      this.#variables.set(name, parameter(name, tf.keep(constant(tensor.data, tensor.shape))));
    }
  }

  /** A convolution of which only the values are of interest; null where the gradient of a weight is wanted. */
  unwatched(path: string): UnwatchedKernels | null {
    const bias = this.known(`${path}.bias`);
    if (bias?.requiresGrad || this.known(`${path}.weight`)?.requiresGrad) return null;
    return { ...this.kernels(path), bias: (bias?.value ?? null) as tf.Tensor1D | null };
  }

  kernels(path: string): Kernels {
    return this.#kernels.get(path)!.kernels;
  }

  /** A batch normalisation as it was loaded; null where one of its weights was changed since. */
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

  /** Without making it: null for a convolution's weight that nobody has asked for. */
  known(name: string): Variable | null {
    return this.#variables.get(name) ?? this.#shown.get(name) ?? null;
  }

  /** @throws `unknown-name` with the nearest */
  get(name: string): Variable {
    const known = this.known(name);
    if (known) return known;
    const convolution = this.#kernels.get(split(name)[0]);
    if (!convolution || !this.#names.includes(name)) throw unknownName('weight', name, this.#names);
    const weight = parameter(name, () => weightFromKernel(convolution.kernels.kernel, convolution.settings));
    this.#shown.set(name, weight);
    return weight;
  }

  dispose(): void {
    for (const { value } of this.#variables.values()) value.dispose();
    for (const { kernels } of this.#kernels.values()) tf.dispose({ ...kernels } as tf.TensorContainer);
    for (const { affine } of this.#affines.values()) tf.dispose({ ...affine });
  }
}

/** Tensors that outlive every scope. */
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
  return [name.slice(0, dot), name.slice(dot + 1)];
}

/** `state_dict` name → shape, as PyTorch stores them and in its order. */
export function weightShapes({ modules }: NetworkDescription): Map<string, number[]> {
  const expected = new Map<string, number[]>();
  for (const [path, module] of Object.entries(modules)) {
    if (!('attributes' in module)) continue;
    const row = leaves[module.type as LeafType] as { weights?: (attributes: unknown) => Record<string, number[]> };
    for (const [name, shape] of Object.entries(row.weights?.(module.attributes) ?? {}))
      expected.set(`${path}.${name}`, shape);
  }
  return expected;
}

function checkNames(
  description: NetworkDescription,
  expected: ReadonlyMap<string, unknown>,
  given: Readonly<Record<string, HostTensor>>,
): void {
  const aliases = Object.entries(description.modules).flatMap(([path, module]) =>
    'alias' in module ? [`${path}.`] : [],
  );
  for (const name of Object.keys(given)) {
    if (!expected.has(name) && !aliases.some((alias) => name.startsWith(alias)))
      throw bad(description, `"${name}" belongs to no module`);
  }
  for (const name of expected.keys()) if (!Object.hasOwn(given, name)) throw bad(description, `"${name}" is missing`);
}

function ofShape(
  description: NetworkDescription,
  name: string,
  tensor: HostTensor,
  shape: readonly number[],
): HostTensor {
  if (tensor.shape.join() !== shape.join())
    throw bad(description, `"${name}" has shape [${tensor.shape.join(',')}], expected [${shape.join(',')}]`);
  return tensor;
}

function bad(description: NetworkDescription, message: string): TouchstoneError {
  return new TouchstoneError(
    'bad-network',
    `weights of ${description.name}: ${message}`,
    'Export the network again; network.json and weights.safetensors belong together.',
  );
}
