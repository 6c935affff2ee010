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
  type OpAttributes,
  type OpName,
} from '@touchstone/contract';
import { resolve } from './resolve.js';
import { weightShapes } from './leaves.js';
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

/** A function that is no layer of the format. */
type OtherOp = Exclude<OpName, keyof typeof layerOf>;

type What =
  | { [T in LeafType]: { readonly type: T; readonly attributes: LeafAttributes<T> } }[LeafType]
  | { [T in OtherOp]: { readonly type: T; readonly attributes: OpAttributes<T> } }[OtherOp]
  /** A tensor of any module, by its `state_dict` name. */
  | { readonly type: 'weight'; readonly attributes: { readonly name: string } }
  | { readonly type: 'number'; readonly attributes: { readonly value: number } }
  /** The input in the operation's shape, in NCHW order: how a flattened view, or its base, sees a change in place. */
  | { readonly type: 'view'; readonly attributes: Readonly<Record<string, never>> };

export type Operation = What & {
  /**
   * The module's path; what a container returns is an Identity of its path. Of a function, the container's path, the
   * name of its call and `-op`: `flatten-op`, `body.0.add-op`. Of a view, who reads it and
   * `/view-` with a number.
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
 */
export function operationsOf(description: NetworkDescription, input: Shape): Operations {
  const tape = new Tape(input);

  const runModule = (asked: string, args: readonly Memory[]): Memory => {
    const path = resolve(description, asked);
    const module = description.modules[path]!;
    if ('calls' in module) {
      const returned = runContainer(path, module, args);
      return path === '' ? returned : tape.run(path, { type: 'Identity', attributes: {} }, [returned]);
    }
    if ('alias' in module)
      throw new TouchstoneError('bad-network', `"${path}" is an alias of an alias`, 'Name the module itself.');
    return tape.run(path, module as What, args);
  };

  const runContainer = (path: string, { inputs, calls, output }: ContainerDescription, args: readonly Memory[]) => {
    const values = new Map(inputs.map((name, i) => [name, args[i]!]));
    for (const call of calls) {
      if (!('args' in call)) {
        values.set(call.name, constantOf(call, nameOf(path, call)));
        continue;
      }
      const given = call.args.map((name) => values.get(name)!);
      values.set(
        call.name,
        'module' in call ? runModule(call.module, given) : tape.run(nameOf(path, call), functionOf(call), given),
      );
    }
    return values.get(output)!;
  };

  const weights = weightShapes(description);
  const constantOf = (call: { weight: string } | { number: number }, name: string): Memory =>
    'weight' in call
      ? tape.constant(name, { type: 'weight', attributes: { name: call.weight } }, weights.get(call.weight)!)
      : tape.constant(name, { type: 'number', attributes: { value: call.number } }, []);

  const output = runModule('', [tape.memory(0)]);
  return { list: tape.list, output: tape.read(output, 'output') };
}

function nameOf(path: string, { name }: { readonly name: string }): string {
  return path === '' ? `${name}-op` : `${path}.${name}-op`;
}

function functionOf({ op, attributes }: { op: string; attributes: Record<string, unknown> }): What {
  return { type: Object.hasOwn(layerOf, op) ? layerOf[op as keyof typeof layerOf] : op, attributes } as What;
}

/** A tensor of PyTorch: an operation in place gives it another value, for all who read it later. */
interface Memory {
  value: number;
  /** Which change of the storage the value has. */
  change: number;
  readonly shape: Shape;
  /**
   * Shared by its views: the value that was changed last, and how often one was. `isReordered`: there are views that do
   * not read it from the first value to the last.
   */
  readonly storage: { value: number; changes: number; isReordered?: true };
}

/** Functions whose result is another view of the same storage than a reshape gives. */
const reordering = new Set<string>(['permute', 'expand', 'select', 'slice']);

class Tape {
  readonly list: Operation[] = [];
  readonly #calls = new Map<string, number>();
  readonly #input: Shape;

  constructor(input: Shape) {
    this.#input = input;
  }

  memory(value: number, storage = { value, changes: 0 }): Memory {
    return { value, change: storage.changes, shape: this.#shapeOf(value), storage };
  }

  constant(name: string, what: What, shape: Shape): Memory {
    return this.memory(this.#add(name, what, [], () => shape));
  }

  read(memory: Memory, reader: string): number {
    const { shape, storage } = memory;
    if (memory.change !== storage.changes) {
      memory.value = this.#add(
        `${reader}/view-${this.list.length}`,
        { type: 'view', attributes: {} },
        [storage.value],
        () => shape,
      );
      memory.change = storage.changes;
    }
    return memory.value;
  }

  /** Returns where the result is. */
  run(name: string, what: What, args: readonly Memory[]): Memory {
    const inputs = args.map((memory) => this.read(memory, name));
    const result = this.#add(name, what, inputs, (shapes) => shapeAfter(what.type, shapes, what.attributes));
    const [first] = args as [Memory];
    const sameRank = first.shape.length === this.#shapeOf(result).length;
    if ((what.type === 'Flatten' && !sameRank) || what.type === 'reshape') return this.memory(result, first.storage);
    if (reordering.has(what.type)) {
      first.storage.isReordered = true;
      return this.memory(result, first.storage);
    }
    const inPlace = (what.type === 'ReLU' || what.type === 'ReLU6') && what.attributes.inplace;
    if (inPlace && first.storage.isReordered) throw changesReordered(name);
    if (!inPlace && !['Identity', 'Dropout', 'Flatten'].includes(what.type)) return this.memory(result);
    first.value = first.storage.value = result;
    if (inPlace) first.change = ++first.storage.changes;
    return first;
  }

  #add(name: string, what: What, inputs: number[], after: (shapes: Shape[]) => Shape | null): number {
    const inputShapes = inputs.map((value) => this.#shapeOf(value));
    const shape = after(inputShapes);
    if (shape === null) throw doesNotFit(name, inputShapes);
    const call = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, call);
    return this.list.push({ ...what, name, call, inputs, inputShapes, shape });
  }

  #shapeOf(value: number): Shape {
    return value === 0 ? this.#input : this.list[value - 1]!.shape;
  }
}

function changesReordered(name: string): TouchstoneError {
  return new TouchstoneError(
    'unsupported',
    `"${name}" changes in place a value of which other functions read a part, or another order`,
    'Build the network with inplace=False, and export it again.',
  );
}

function doesNotFit(name: string, inputs: readonly Shape[]): TouchstoneError {
  const shapes = inputs.map((shape) => `[${shape.join(',')}]`).join(' and ');
  return new TouchstoneError(
    'bad-input',
    `"${name}" does not take an input of ${shapes}`,
    'Check that the input has the shape that the network expects.',
  );
}
