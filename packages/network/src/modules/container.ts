import type { ContainerDescription, StepCall } from '@touchstone/contract';
import { Variable } from '../autograd/variable.js';
import { doesNotFit } from '../functional/does-not-fit.js';
import { constant, nchwShape } from '../layout.js';
import type { GradientRules } from '../rules.js';
import { atPath } from './at-path.js';
import { runBlock, type Block, type BlockContext } from './blocks.js';
import { ConstantCalls } from './constant-calls.js';
import { Module } from './module.js';
import { opRow } from './ops/ops.js';
import { shapeAfter } from './shapes.js';

export interface ContainerContext extends BlockContext {
  readonly rules: () => GradientRules;
  /** A tensor of any module by its `state_dict` name. */
  readonly weight: (name: string) => Variable;
  /** It only calls functions. */
  readonly isLeaf: boolean;
}

/** A module that calls others and functions, one call after another. */
export class Container extends Module {
  readonly isLeaf: boolean;
  readonly #description: ContainerDescription;
  readonly #blocks: ReadonlyMap<number, Block>;
  readonly #context: ContainerContext;
  #constants: ConstantCalls | null = null;

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

  /**
   * Makes what the calls of functions keep of the weights, so that a pass leaves nothing behind.
   *
   * @param areBounded whether the sizes of all calls were checked, so that what needs no input can be computed now
   */
  prepare(areBounded: boolean): void {
    if (areBounded)
      this.#constants = new ConstantCalls(this.#description, (call, values) => this.#valueOf(call, values));
    const constants = this.#constants?.values();
    const weights = new Map(
      this.#description.calls.flatMap((call) => ('weight' in call ? [[call.name, call.weight]] : [])),
    );
    for (const call of this.#description.calls) {
      if (!('op' in call)) continue;
      const [, name = ''] = call.args;
      const weight = weights.get(name);
      const value = weight === undefined ? constants?.get(name) : this.#context.weight(weight).value;
      if (value?.rank === 4) opRow(call.op).prepare?.(value, call.attributes);
    }
  }

  dispose(): void {
    this.#constants?.dispose();
  }

  protected override forward(inputs: readonly Variable[]): Variable {
    const { calls } = this.#description;
    const values = new Map(this.#description.inputs.map((name, i) => [name, inputs[i]!]));
    const constants = this.#constants?.values();
    for (let i = 0; i < calls.length; i++) {
      const known = constants?.get(calls[i]!.name);
      if (known) values.set(calls[i]!.name, Variable.leaf(known));
      if (known !== undefined) continue;
      const block = this.#blocks.get(i);
      const result = block && this.#runBlock(block, values.get(block.input)!);
      if (result) i += block.length - 1;
      const call = calls[i]!;
      values.set(call.name, result ?? this.#valueOf(call, values));
    }
    return values.get(this.#description.output)!;
  }

  #runBlock(block: Block, x: Variable): Variable | null {
    return atPath(block.parts.Conv2d.path, () => runBlock(block, x, this.#context.rules(), this.#context));
  }

  #valueOf(call: ContainerDescription['calls'][number], values: ReadonlyMap<string, Variable>): Variable {
    if ('weight' in call) return this.#context.weight(call.weight);
    if ('number' in call) return Variable.leaf(constant([call.number], []));
    return this.#run(call, values);
  }

  #run(call: StepCall, values: ReadonlyMap<string, Variable>): Variable {
    const args = call.args.map((name) => values.get(name)!);
    if ('module' in call) return this.#context.module(call.module).call(...args);
    return atPath(`${this.path} ${call.op}`.trim(), () => {
      refuseMisfit(call, args);
      return opRow(call.op).run(args, call.attributes, this.#context.rules());
    });
  }
}

/**
 * What runs has the shape that its row says: the bounds of a pass end where nothing fits (`bounds.ts`), and TF.js
 * broadcasts where PyTorch refuses.
 */
function refuseMisfit({ op, attributes }: Extract<StepCall, { op: unknown }>, args: readonly Variable[]): void {
  const shapes = args.map(({ shape }) => nchwShape(shape));
  if (!shapeAfter(op, shapes, attributes)) throw doesNotFit(op, ...shapes);
}
