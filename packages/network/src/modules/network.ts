/** A network on the current engine: the description's module tree with its weights, callable and hookable. */
import {
  TouchstoneError,
  unknownName,
  type ContainerDescription,
  type HostTensor,
  type LeafType,
  type NetworkDescription,
  type OpAttributes,
  type OpName,
} from '@touchstone/contract';
import { blocksOf, runBlock, type Block, type BlockSurroundings } from './blocks.js';
import type { Variable } from '../autograd/variable.js';
import { leaves, ops, type Surroundings } from './leaves.js';
import { Module } from './module.js';
import { inModule } from '../autograd/node.js';
import { resolve } from './parse-network.js';
import { pytorchRules, type GradientRules } from '../rules.js';
import { Weights } from './weights.js';

export class Network {
  readonly description: NetworkDescription;
  readonly #weights: Weights;
  readonly #modules = new Map<string, Module>();
  #rules: GradientRules = pytorchRules;

  constructor(description: NetworkDescription, weights: Weights) {
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
    if (!module)
      throw unknownName(
        'module',
        path,
        [...this.#modules.keys()].filter((known) => known !== ''),
      );
    return module;
  }

  /**
   * A weight by its `state_dict` name, such as `features.0.weight`: a leaf, whose gradient is computed once a hook is
   * registered on it or `requiresGrad` is set. @throws `unknown-name` with the nearest
   */
  parameter(name: string): Variable {
    return this.#weights.get(name);
  }

  /** Path → module, in the order of PyTorch's `named_modules`; a shared module once, under its first path. */
  namedModules(): [string, Module][] {
    return [...this.#modules].filter(([path, module]) => module.path === path);
  }

  /**
   * Runs `run`, to its end if it is asynchronous, under other gradient rules; those of each operation are the ones in
   * force when it is called.
   */
  withRules<T>(rules: Partial<GradientRules>, run: () => T): T {
    const before = this.#rules;
    const restore = (): void => void (this.#rules = before);
    this.#rules = { ...before, ...rules };
    let result: T;
    try {
      result = run();
    } catch (error) {
      restore();
      throw error;
    }
    if (result instanceof Promise) return result.finally(restore) as T;
    restore();
    return result;
  }

  dispose(): void {
    this.#weights.dispose();
  }

  #build(path: string): Module {
    const real = resolve(this.description, path);
    const built = this.#modules.get(real);
    if (built) return built;
    const module = this.description.modules[real]!;
    if ('calls' in module) {
      const has: BlockSurroundings = {
        module: (part) => this.#modules.get(part)!,
        kernels: (convolution) => this.#weights.unwatched(convolution),
      };
      return new Container(real, module, this.#modules, () => this.#rules, {
        all: blocksOf(module, this.description),
        has,
      });
    }
    if ('alias' in module) throw new TouchstoneError('bad-network', `"${real}" is an alias of an alias`);
    return new Leaf(real, module.type as LeafType, module.attributes, {
      weight: (name) => this.#weights.get(`${real}.${name}`),
      watchedWeight: () => this.#weights.known(`${real}.weight`),
      kernels: () => this.#weights.kernels(real),
      affine: () => this.#weights.affine(real),
      rules: () => this.#rules,
    });
  }
}

class Leaf extends Module {
  readonly isLeaf = true;
  readonly #run: (x: Variable) => Variable;

  constructor(path: string, type: LeafType, attributes: Record<string, unknown>, has: Surroundings) {
    super(path, type);
    const { forward } = leaves[type] as { forward: (x: Variable, attributes: unknown, has: Surroundings) => Variable };
    this.#run = (x) => forward(x, attributes, has);
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
  readonly #blocks: { readonly all: ReadonlyMap<number, Block>; readonly has: BlockSurroundings };

  constructor(
    path: string,
    description: ContainerDescription,
    modules: ReadonlyMap<string, Module>,
    rules: () => GradientRules,
    blocks: { readonly all: ReadonlyMap<number, Block>; readonly has: BlockSurroundings },
  ) {
    super(path, description.type);
    this.#description = description;
    this.#modules = modules;
    this.#rules = rules;
    this.#blocks = blocks;
  }

  protected override forward(inputs: readonly Variable[]): Variable {
    const { calls } = this.#description;
    const values = new Map(this.#description.inputs.map((name, i) => [name, inputs[i]!]));
    for (let i = 0; i < calls.length; i++) {
      const call = calls[i]!;
      const block = this.#blocks.all.get(i);
      const result =
        block &&
        atPath(block.parts.Conv2d.path, () =>
          runBlock(block, values.get(call.args[0]!)!, this.#rules(), this.#blocks.has),
        );
      if (result) {
        i += block.length - 1;
        values.set(calls[i]!.name, result);
        continue;
      }
      const args = call.args.map((name) => values.get(name)!);
      values.set(
        call.name,
        'module' in call
          ? this.#modules.get(call.module)!.call(...args)
          : atPath(`${this.path} ${call.op}`, () => runOp(call.op as OpName, args, call.attributes, this.#rules())),
      );
    }
    return values.get(this.#description.output)!;
  }
}

function runOp(
  op: OpName,
  args: readonly Variable[],
  attributes: Record<string, unknown>,
  rules: GradientRules,
): Variable {
  return (ops[op] as (args: readonly Variable[], attributes: unknown, rules: GradientRules) => Variable)(
    args,
    attributes as OpAttributes<typeof op>,
    rules,
  );
}

/** TF.js names its kernel when shapes do not fit; people need the module. */
function atPath<T>(path: string, run: () => T): T {
  try {
    return inModule(path, run);
  } catch (error) {
    if (error instanceof TouchstoneError)
      throw error.code === 'bad-input'
        ? new TouchstoneError(error.code, `"${path}": ${error.message}`, error.hint)
        : error;
    throw new TouchstoneError(
      'bad-input',
      `"${path}": ${(error as Error).message}`,
      'Check that the input has the shape that the network expects.',
    );
  }
}

/**
 * Puts the weights on the current engine. They are the network's own until `dispose`.
 *
 * @param weights under PyTorch's `state_dict` names
 * @throws `bad-network` for a weight that is missing, too many, or of the wrong shape
 */
export function loadNetwork(description: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): Network {
  return new Network(description, new Weights(description, weights));
}
