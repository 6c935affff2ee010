/**
 * A network as one list of operations in order of execution: containers, aliases and in-place changes are resolved, so
 * that each operation only reads values that earlier ones gave. What a converter to another format starts from.
 */
import {
  TouchstoneError,
  type ContainerDescription,
  type LeafAttributes,
  type LeafType,
  type NetworkDescription,
  type OpName,
} from '@touchstone/contract';
import { resolve } from './resolve.js';
import { shapeAfter, type Shape } from './shapes.js';

/** A function is an operation of the layer that computes the same. */
const layerOf = {
  relu: 'ReLU',
  relu6: 'ReLU6',
  max_pool2d: 'MaxPool2d',
  avg_pool2d: 'AvgPool2d',
  adaptive_avg_pool2d: 'AdaptiveAvgPool2d',
  flatten: 'Flatten',
  dropout: 'Dropout',
} as const satisfies Partial<Record<OpName, LeafType>>;

type What =
  | { [T in LeafType]: { readonly type: T; readonly attributes: LeafAttributes<T> } }[LeafType]
  | { readonly type: 'add'; readonly attributes: Readonly<Record<string, never>> }
  | { readonly type: 'cat'; readonly attributes: { readonly dim: number } };

export type Operation = What & {
  /**
   * The module's path; what a container returns is an Identity of its path. Of a function, the name of its call after
   * the container's path, with `()`: `flatten()`, `body.0.add()`.
   */
  readonly name: string;
  /** Which call of this name: 1, 2, … */
  readonly call: number;
  /** Values: 0 is the network's input, i is what operation i−1 of the list gives. */
  readonly inputs: readonly number[];
  readonly inputShapes: readonly Shape[];
  /** NCHW if 4-D. */
  readonly shape: Shape;
};

export interface Operations {
  readonly list: readonly Operation[];
  /** The value that the network returns. */
  readonly output: number;
}

/**
 * @param input [N,C,H,W]
 * @throws `bad-input` for an input that is too small or does not fit a layer
 * @throws `unsupported` for a value that is read after it was changed through a flattened view of it
 */
export function operationsOf(description: NetworkDescription, input: Shape): Operations {
  const list: Operation[] = [];
  const calls = new Map<string, number>();

  const run = (name: string, what: What, args: readonly Memory[]): Memory => {
    const inputs = args.map((memory) => memory.read(name));
    const inputShapes = inputs.map((value) => (value === 0 ? input : list[value - 1]!.shape));
    const shape = shapeAfter(what.type, inputShapes, what.attributes);
    if (shape === null) throw doesNotFit(name, inputShapes);
    const call = (calls.get(name) ?? 0) + 1;
    calls.set(name, call);
    list.push({ ...what, name, call, inputs, inputShapes, shape });
    return args[0]!.after(what, list.length, name, shape.length === inputShapes[0]!.length);
  };

  const runModule = (asked: string, args: readonly Memory[]): Memory => {
    const path = resolve(description, asked);
    const module = description.modules[path]!;
    if ('calls' in module) {
      const returned = runContainer(path, module, args);
      return path === '' ? returned : run(path, { type: 'Identity', attributes: {} }, [returned]);
    }
    if ('alias' in module) throw new TouchstoneError('bad-network', `"${path}" is an alias of an alias`);
    return run(path, module as What, args);
  };

  const runContainer = (path: string, { inputs, calls, output }: ContainerDescription, args: readonly Memory[]) => {
    const values = new Map(inputs.map((name, i) => [name, args[i]!]));
    for (const call of calls) {
      const given = call.args.map((name) => values.get(name)!);
      const name = path === '' ? `${call.name}()` : `${path}.${call.name}()`;
      values.set(call.name, 'module' in call ? runModule(call.module, given) : run(name, functionOf(call), given));
    }
    return values.get(output)!;
  };

  return { list, output: runModule('', [new Memory(0)]).read('') };
}

function functionOf({ op, attributes }: { op: string; attributes: Record<string, unknown> }): What {
  return { type: Object.hasOwn(layerOf, op) ? layerOf[op as keyof typeof layerOf] : op, attributes } as What;
}

/**
 * A tensor of PyTorch: an operation in place gives it another value, for all who read it later. A flattened view shares
 * its storage, and one of the two does not see here what changed the other in place.
 */
class Memory {
  #value: number;
  readonly #storage: { changedBy: string | null };
  /** The last change of the storage that the value has. */
  #has: string | null;

  constructor(value: number, storage: { changedBy: string | null } = { changedBy: null }) {
    this.#value = value;
    this.#storage = storage;
    this.#has = storage.changedBy;
  }

  read(reader: string): number {
    if (this.#storage.changedBy === this.#has) return this.#value;
    throw new TouchstoneError(
      'unsupported',
      `"${reader}" reads a value that "${this.#storage.changedBy}" changed in place through a view`,
      'Set inplace=False for that layer, and export the network again.',
    );
  }

  /** Where the result of an operation on this is. */
  after({ type, attributes }: What, result: number, name: string, sameRank: boolean): Memory {
    if (type === 'Flatten' && !sameRank) return new Memory(result, this.#storage);
    const inPlace = (type === 'ReLU' || type === 'ReLU6') && attributes.inplace;
    const returnsInput = type === 'Identity' || type === 'Dropout' || type === 'Flatten';
    if (!inPlace && !returnsInput) return new Memory(result);
    if (inPlace) this.#storage.changedBy = this.#has = name;
    this.#value = result;
    return this;
  }
}

function doesNotFit(name: string, inputs: readonly Shape[]): TouchstoneError {
  const shapes = inputs.map((shape) => `[${shape.join(',')}]`).join(' and ');
  return new TouchstoneError(
    'bad-input',
    `"${name}" does not take an input of ${shapes}`,
    'Check that the input has the shape that the network expects.',
  );
}
