/** A network on the current TF.js backend: the description's module tree with its weights, callable and hookable. */
import {
  TouchstoneError,
  unknownName,
  type HostTensor,
  type LeafType,
  type NetworkDescription,
} from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import { pytorchRules, type GradientRules } from '../rules.js';
import { blocksOf } from './blocks.js';
import { Container } from './container.js';
import { LeafModule } from './leaf-module.js';
import type { Module } from './module.js';
import { hasNoChildren, inPyTorchsOrder, resolve, runningModules } from './resolve.js';
import { shapesOf } from './shapes.js';
import { Weights } from './weights.js';

export class Network {
  readonly description: NetworkDescription;
  readonly #weights: Weights;
  readonly #modules = new Map<string, Module>();
  #rules: GradientRules = pytorchRules;

  constructor(description: NetworkDescription, weights: Weights) {
    this.description = description;
    this.#weights = weights;
    for (const path of inPyTorchsOrder(description)) this.#modules.set(path, this.#build(path));
    const areBounded = shapesOf(description, [1, ...description.input.shape]) !== null;
    const running = runningModules(description);
    for (const container of this.#containers()) if (running.has(container.path)) container.prepare(areBounded);
  }

  /**
   * @param x images as [N,H,W,C]
   * @returns the logits [N,classes], or whatever the network returns
   * @throws `bad-input` where the shape does not fit a module, named in the message
   */
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

  /** All weights in plain memory, as `loadNetwork` takes them. */
  readWeights(): Promise<Record<string, HostTensor>> {
    return this.#weights.read();
  }

  /** Path → module, in the order of PyTorch's `named_modules`; a shared module once, under its first path. */
  namedModules(): [string, Module][] {
    return [...this.#modules].filter(([path, module]) => module.path === path);
  }

  /**
   * Runs `run`, to its end if it is asynchronous, under other gradient rules; each operation keeps the rules that are
   * in force when it is called.
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
    for (const container of this.#containers()) container.dispose();
    this.#weights.dispose();
  }

  #containers(): Container[] {
    return this.namedModules().flatMap(([, module]) => (module instanceof Container ? [module] : []));
  }

  #build(path: string): Module {
    const real = resolve(this.description, path);
    const built = this.#modules.get(real);
    if (built) return built;
    const module = this.description.modules[real]!;
    const rules = () => this.#rules;
    if ('calls' in module) {
      return new Container(real, module, blocksOf(module, this.description), {
        module: (part) => this.#modules.get(part)!,
        convolution: (part) => this.#weights.withoutGradient(part),
        rules,
        weight: (name) => this.#weights.get(name),
        isLeaf: hasNoChildren(this.description, real),
      });
    }
    if ('alias' in module)
      throw new TouchstoneError('bad-network', `"${real}" is an alias of an alias`, 'Name the module itself.');
    return new LeafModule(real, module.type as LeafType, module.attributes, {
      weight: (name) => this.#weights.get(`${real}.${name}`),
      requestedWeight: () => this.#weights.requested(`${real}.weight`),
      kernels: () => this.#weights.kernels(real),
      affine: () => this.#weights.affine(real),
      rules,
    });
  }
}

/**
 * Uploads the weights to the current backend. They belong to the network until `dispose`: TF.js frees no memory by
 * itself, and eight copies of a VGG do not fit into the 4 GiB of wasm.
 *
 * @param weights under PyTorch's `state_dict` names, in PyTorch's shapes
 * @throws `bad-network` for a missing or unknown weight, or one of the wrong shape
 */
export function loadNetwork(description: NetworkDescription, weights: Readonly<Record<string, HostTensor>>): Network {
  return new Network(description, new Weights(description, weights));
}
