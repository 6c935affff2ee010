/** A network's weights on the current engine, by their `state_dict` names. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, unknownName, type HostTensor, type LeafAttributes, type LeafType, type NetworkDescription } from '@touchstone/contract';
import { Variable } from './variable.js';
import { weightFromKernel } from './convolution.js';
import { constant, fromHost } from './door.js';
import { kernelsOf, type Kernels } from './functional.js';
import { leaves } from './leaves.js';

export class Weights {
  /** Leaves of the graph. */
  readonly #variables = new Map<string, Variable>();
  /** Weights of convolutions that somebody has asked for, held like any 4-D tensor; the engine has their kernels. */
  readonly #shown = new Map<string, Variable>();
  /** A convolution's path → its weight as the engine uses it. */
  readonly #kernels = new Map<string, { kernels: Kernels; settings: LeafAttributes<'Conv2d'> }>();
  readonly #names: readonly string[];

  /** @throws `bad-network` for a weight that is missing, too many, or of the wrong shape */
  constructor(description: NetworkDescription, given: Readonly<Record<string, HostTensor>>) {
    const expected = expectedShapes(description);
    check(description, expected, given);
    this.#names = [...expected.keys()];
    for (const name of expected.keys()) {
      const [path, own] = split(name);
      const module = description.modules[path]!;
      if ('attributes' in module && module.type === 'Conv2d' && own === 'weight') {
        const settings = module.attributes as LeafAttributes<'Conv2d'>;
        const { kernel, turned } = tf.tidy(() => ({ ...kernelsOf(fromHost(given[name]!) as tf.Tensor4D, settings) }));
        this.#kernels.set(path, { kernels: { kernel: tf.keep(kernel), turned: tf.keep(turned) }, settings });
      } else {
        this.#variables.set(name, parameter(name, tf.keep(constant(given[name]!.data, given[name]!.shape))));
      }
    }
  }

  kernels(path: string): Kernels {
    return this.#kernels.get(path)!.kernels;
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
    for (const { kernels } of this.#kernels.values()) tf.dispose([kernels.kernel, kernels.turned]);
  }
}

function parameter(name: string, value: tf.Tensor | (() => tf.Tensor)): Variable {
  return Variable.leaf(value, { name: `parameter "${name}"` });
}

function split(name: string): [path: string, own: string] {
  const dot = name.lastIndexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

/** `state_dict` name → shape as PyTorch stores it. */
function expectedShapes({ modules }: NetworkDescription): Map<string, number[]> {
  const expected = new Map<string, number[]>();
  for (const [path, module] of Object.entries(modules)) {
    if (!('attributes' in module)) continue;
    const row = leaves[module.type as LeafType] as { weights?: (attributes: unknown) => Record<string, number[]> };
    for (const [name, shape] of Object.entries(row.weights?.(module.attributes) ?? {})) expected.set(`${path}.${name}`, shape);
  }
  return expected;
}

function check({ name: network, modules }: NetworkDescription, expected: ReadonlyMap<string, readonly number[]>, given: Readonly<Record<string, HostTensor>>): void {
  const bad = (message: string) => new TouchstoneError('bad-network', `weights of ${network}: ${message}`, 'Export the network again; network.json and weights.safetensors belong together.');
  const aliases = Object.entries(modules).flatMap(([path, module]) => ('alias' in module ? [`${path}.`] : []));
  for (const name of Object.keys(given)) {
    if (!expected.has(name) && !aliases.some((alias) => name.startsWith(alias))) throw bad(`"${name}" belongs to no module`);
  }
  for (const [name, shape] of expected) {
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (!tensor) throw bad(`"${name}" is missing`);
    if (tensor.shape.join() !== shape.join()) throw bad(`"${name}" has shape [${tensor.shape.join(',')}], expected [${shape.join(',')}]`);
  }
}
