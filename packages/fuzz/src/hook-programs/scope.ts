/** A container being written, and the values in it. */
import type { ContainerDescription } from '@touchstone/contract';

/** [C,H,W] of maps, [features] after the flattening. */
export type Shape = readonly number[];

/** `object`: the identity of the tensor; in-place operations and `Identity` return the same one. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly object: symbol;
}

export class Scope {
  readonly path: string;
  readonly row: ContainerDescription;
  readonly values: Value[];
  #names = 0;

  constructor(path: string, type: string, inputs: readonly Value[]) {
    this.path = path;
    this.values = [...inputs];
    this.row = { type, inputs: inputs.map(({ name }) => name), calls: [], output: inputs[0]!.name };
  }

  /** A unique name in this container. */
  name(kind: string): string {
    return `${kind}${++this.#names}`;
  }

  child(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  /** The latest value, or the one `back` places before it. */
  latest(back = 0): Value {
    return this.values[this.values.length - 1 - (back % this.values.length)]!;
  }

  /** One of the values that fit, by index from the earliest. */
  fitting(index: number, fits: (value: Value) => boolean): Value | undefined {
    const found = this.values.filter(fits);
    return found[index % found.length];
  }

  call(name: string, module: string, args: readonly Value[], shape: Shape, object: symbol): Value {
    this.row.calls.push({ name, module, args: args.map((arg) => arg.name) });
    return this.#give({ name, shape, object });
  }

  op(
    op: string,
    args: readonly Value[],
    attributes: Record<string, unknown>,
    shape: Shape,
    object = Symbol(op),
  ): Value {
    const name = this.name(op.replace('_', ''));
    this.row.calls.push({ name, op, args: args.map((arg) => arg.name), attributes });
    return this.#give({ name, shape, object });
  }

  #give(value: Value): Value {
    this.values.push(value);
    this.row.output = value.name;
    return value;
  }
}
