import type { ContainerDescription, OpName } from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import type { GradientRules } from '../rules.js';
import { atPath } from './at-path.js';
import { runBlock, type Block, type BlockContext } from './blocks.js';
import { ops } from './leaves.js';
import { Module } from './module.js';

export interface ContainerContext extends BlockContext {
  readonly rules: () => GradientRules;
  /** It only calls functions. */
  readonly isLeaf: boolean;
}

/** A module that calls others and functions, one call after another. */
export class Container extends Module {
  readonly isLeaf: boolean;
  readonly #description: ContainerDescription;
  readonly #blocks: ReadonlyMap<number, Block>;
  readonly #context: ContainerContext;

  /** @param blocks by the index of their first call */
  constructor(
    path: string,
    description: ContainerDescription,
    blocks: ReadonlyMap<number, Block>,
    context: ContainerContext,
  ) {
    super(path, description.type);
    this.isLeaf = context.isLeaf;
    this.#description = description;
    this.#blocks = blocks;
    this.#context = context;
  }

  protected override forward(inputs: readonly Variable[]): Variable {
    const { calls } = this.#description;
    const values = new Map(this.#description.inputs.map((name, i) => [name, inputs[i]!]));
    for (let i = 0; i < calls.length; i++) {
      const block = this.#blocks.get(i);
      const result = block && this.#runBlock(block, values.get(calls[i]!.args[0]!)!);
      if (result) i += block.length - 1;
      const call = calls[i]!;
      values.set(call.name, result ?? this.#run(call, values));
    }
    return values.get(this.#description.output)!;
  }

  #runBlock(block: Block, x: Variable): Variable | null {
    return atPath(block.parts.Conv2d.path, () => runBlock(block, x, this.#context.rules(), this.#context));
  }

  #run(call: ContainerDescription['calls'][number], values: ReadonlyMap<string, Variable>): Variable {
    const args = call.args.map((name) => values.get(name)!);
    if ('module' in call) return this.#context.module(call.module).call(...args);
    const op = ops[call.op as OpName] as (
      args: readonly Variable[],
      attributes: unknown,
      rules: GradientRules,
    ) => Variable;
    return atPath(`${this.path} ${call.op}`, () => op(args, call.attributes, this.#context.rules()));
  }
}
