/** A network on the current engine: the description's module tree with its weights, callable and hookable. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, unknownName, type ContainerDescription, type HostTensor, type LeafAttributes, type LeafType, type NetworkDescription, type OpAttributes, type OpName } from '@touchstone/contract';
import { Variable } from './autograd.js';
import { constant } from './door.js';
import { leaves, ops } from './leaves.js';
import { Module } from './module.js';
import { resolve } from './parse-network.js';
import { pytorchRules, type GradientRules } from './rules.js';

export class Network {
  readonly description: NetworkDescription;
  readonly #weights: ReadonlyMap<string, Variable>;
  readonly #modules = new Map<string, Module>();
  #rules: GradientRules = pytorchRules;

  constructor(description: NetworkDescription, weights: ReadonlyMap<string, Variable>) {
    this.description = description;
    this.#weights = weights;
    for (const path of Object.keys(description.modules)) this.#modules.set(path, this.#build(path));
  }

  /** x: NHWC for pictures. Gives the logits [N,classes], or whatever the network returns. */
  call(x: Variable): Variable {
    return this.#modules.get('')!.call(x);
  }

  /** The module at a dotted path such as `features.35`. @throws `unknown-name` with the nearest paths */
  module(path: string): Module {
    const module = this.#modules.get(path);
    if (!module) throw unknownName('module', path, [...this.#modules.keys()].filter((known) => known !== ''));
    return module;
  }

  /** A weight by its `state_dict` name, as PyTorch stores it. @throws `unknown-name` with the nearest */
  weight(name: string): tf.Tensor {
    const weight = this.#weights.get(name);
    if (!weight) throw unknownName('weight', name, [...this.#weights.keys()]);
    return tf.tidy(() => relayout(this.description, name, 'from', weight.value).clone());
  }

  /** Path → module, in the order of PyTorch's `named_modules`; a shared module once, under its first path. */
  namedModules(): [string, Module][] {
    return [...this.#modules].filter(([path, module]) => module.path === path);
  }

  /** Runs `run` under other gradient rules; those of each operation are the ones in force when it is called. */
  withRules<T>(rules: Partial<GradientRules>, run: () => T): T {
    const before = this.#rules;
    this.#rules = { ...before, ...rules };
    try {
      return run();
    } finally {
      this.#rules = before;
    }
  }

  dispose(): void {
    for (const weight of this.#weights.values()) weight.value.dispose();
  }

  #build(path: string): Module {
    const real = resolve(this.description, path);
    const built = this.#modules.get(real);
    if (built) return built;
    const module = this.description.modules[real]!;
    if ('calls' in module) return new Container(real, module, this.#modules, () => this.#rules);
    if ('alias' in module) throw new TouchstoneError('bad-network', `"${real}" is an alias of an alias`);
    return new Leaf(real, module.type as LeafType, module.attributes, (name) => this.#weights.get(`${real}.${name}`)!, () => this.#rules);
  }
}

class Leaf extends Module {
  readonly isLeaf = true;
  readonly #run: (x: Variable) => Variable;

  constructor(path: string, type: LeafType, attributes: Record<string, unknown>, weight: (name: string) => Variable, rules: () => GradientRules) {
    super(path, type);
    const { forward } = leaves[type] as { forward: (x: Variable, attributes: unknown, has: object) => Variable };
    this.#run = (x) => forward(x, attributes, { weight, rules });
  }

  protected override forward([x]: readonly Variable[]): Variable {
    return atPath(this.path, () => this.#run(x!));
  }
}

class Container extends Module {
  readonly isLeaf = false;
  readonly #description: ContainerDescription;
  readonly #modules: ReadonlyMap<string, Module>;
  readonly #rules: () => GradientRules;

  constructor(path: string, description: ContainerDescription, modules: ReadonlyMap<string, Module>, rules: () => GradientRules) {
    super(path, description.type);
    this.#description = description;
    this.#modules = modules;
    this.#rules = rules;
  }

  protected override forward(inputs: readonly Variable[]): Variable {
    const values = new Map(this.#description.inputs.map((name, i) => [name, inputs[i]!]));
    for (const call of this.#description.calls) {
      const args = call.args.map((name) => values.get(name)!);
      values.set(call.name, 'module' in call ? this.#modules.get(call.module)!.call(...args) : atPath(`${this.path} ${call.op}`, () => runOp(call.op as OpName, args, call.attributes, this.#rules())));
    }
    return values.get(this.#description.output)!;
  }
}

function runOp(op: OpName, args: readonly Variable[], attributes: Record<string, unknown>, rules: GradientRules): Variable {
  return (ops[op] as (args: readonly Variable[], attributes: unknown, rules: GradientRules) => Variable)(args, attributes as OpAttributes<typeof op>, rules);
}

/** A weight between PyTorch's layout and the engine's. */
function relayout(description: NetworkDescription, name: string, direction: 'to' | 'from', weight: tf.Tensor): tf.Tensor {
  const dot = name.lastIndexOf('.');
  const module = description.modules[name.slice(0, dot)];
  if (!module || !('attributes' in module) || name.slice(dot + 1) !== 'weight') return weight;
  const { layout } = leaves[module.type as LeafType] as { layout?: Record<'to' | 'from', (weight: tf.Tensor4D, attributes: unknown) => tf.Tensor4D> };
  return layout ? layout[direction](weight as tf.Tensor4D, module.attributes) : weight;
}

/** TF.js names its kernel when shapes do not fit; people need the module. */
function atPath<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof TouchstoneError) throw error;
    throw new TouchstoneError('bad-input', `"${path}": ${(error as Error).message}`, 'Check that the input has the shape that the network expects.');
  }
}

/**
 * Puts the weights on the current engine. They are the network's own until `dispose`.
 *
 * @param weights under PyTorch's `state_dict` names
 * @throws `bad-network` for a weight that is missing, too many, or of the wrong shape
 */
export function loadNetwork(description: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): Network {
  const expected = new Map<string, number[]>();
  for (const [path, module] of Object.entries(description.modules)) {
    if (!('attributes' in module)) continue;
    const row = leaves[module.type as LeafType] as { weights?: (attributes: LeafAttributes<LeafType>) => Record<string, number[]> };
    for (const [name, shape] of Object.entries(row.weights?.(module.attributes as LeafAttributes<LeafType>) ?? {})) expected.set(`${path}.${name}`, shape);
  }
  const bad = (message: string) => new TouchstoneError('bad-network', `weights of ${description.name}: ${message}`, 'Export the network again; network.json and weights.safetensors belong together.');
  const aliases = Object.entries(description.modules).flatMap(([path, module]) => ('alias' in module ? [`${path}.`] : []));
  for (const name of Object.keys(weights)) {
    if (!expected.has(name) && !aliases.some((alias) => name.startsWith(alias))) throw bad(`"${name}" belongs to no module`);
  }
  for (const [name, shape] of expected) {
    const given = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (!given) throw bad(`"${name}" is missing`);
    if (given.shape.join() !== shape.join()) throw bad(`"${name}" has shape [${given.shape.join(',')}], expected [${shape.join(',')}]`);
  }
  const loaded = new Map<string, Variable>();
  for (const name of expected.keys()) {
    const value = tf.tidy(() => relayout(description, name, 'to', constant(weights[name]!.data, weights[name]!.shape)));
    loaded.set(name, Variable.leaf(tf.keep(value)));
  }
  return new Network(description, loaded);
}
