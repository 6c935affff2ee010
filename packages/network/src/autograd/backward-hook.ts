/**
 * Nodes around a module that receive the gradients of its output and inputs, and call its full backward hooks:
 * BackwardHook of torch/utils/hooks.py.
 */
import { counted, TouchstoneError } from '@touchstone/contract';
import { checkGradient, wrongReturn } from './hook-returns.js';
import type { Gradient } from './node.js';
import { Variable } from './variable.js';

/** A hook with its module filled in. */
interface Bound<Gradients extends readonly (readonly Gradient[])[]> {
  /** Names the hook in errors. */
  readonly at: () => string;
  readonly run: (...gradients: Gradients) => readonly Gradient[] | void;
}

/** Receives the gradients of the outputs. */
export type BoundPreHook = Bound<[gradOutput: readonly Gradient[]]>;
/** Receives the gradients of the inputs and of the outputs. */
export type BoundHook = Bound<[gradInput: readonly Gradient[], gradOutput: readonly Gradient[]]>;

/** Of one call of a module: `enter` receives its inputs, `leave` its output. */
export class BackwardHook {
  #gradOutput: readonly Gradient[] | null = null;
  #entered = false;
  #inputs = 0;
  readonly #preHooks: readonly BoundPreHook[];
  readonly #hooks: readonly BoundHook[];

  constructor(preHooks: readonly BoundPreHook[], hooks: readonly BoundHook[]) {
    this.#preHooks = preHooks;
    this.#hooks = hooks;
  }

  enter(inputs: readonly Variable[]): readonly Variable[] {
    this.#inputs = inputs.length;
    if (this.#hooks.length + this.#preHooks.length === 0) return inputs;
    const { variables, node } = Variable.behindOneNode(inputs);
    this.#entered = node !== null;
    node?.postHooks.add((gradInput) => {
      const gradOutput = this.#gradOutput;
      this.#gradOutput = null;
      return gradOutput ? this.#runHooks(gradInput, gradOutput) : undefined;
    });
    return variables;
  }

  leave(output: Variable): Variable {
    if (this.#hooks.length + this.#preHooks.length === 0) return output;
    const { variables, node } = Variable.behindOneNode([output]);
    // Before the node's own backward, which gives zeros where no gradient arrives: the hooks see null there.
    node?.preHooks.add((gradients) => {
      let current = gradients;
      for (const { at, run } of this.#preHooks) current = checkedGradients(at, run(current), current);
      // Clones, because the backward pass disposes what it has passed on, and the module's hooks run later.
      if (this.#entered) this.#gradOutput = current.map((gradient) => gradient?.clone() ?? null);
      else this.#runWithoutInputs(current);
      return current;
    });
    return variables[0]!;
  }

  #runHooks(gradInput: readonly Gradient[], gradOutput: readonly Gradient[]): readonly Gradient[] {
    let current = gradInput;
    for (const { at, run } of this.#hooks) current = checkedGradients(at, run(current, gradOutput), current);
    return current;
  }

  /** No input requires a gradient: the hooks see the output's gradient, and cannot replace any. */
  #runWithoutInputs(gradOutput: readonly Gradient[]): void {
    const none = Array.from({ length: this.#inputs }, () => null);
    for (const { at, run } of this.#hooks) {
      const returned = run(none, gradOutput);
      if (returned?.some((gradient) => gradient !== null)) {
        throw new TouchstoneError(
          'usage',
          `${at()} returned gradients, but no input of the module requires one`,
          'Return nothing.',
        );
      }
    }
  }
}

function checkedGradients(
  at: () => string,
  returned: readonly Gradient[] | void,
  before: readonly Gradient[],
): readonly Gradient[] {
  if (returned === undefined) return before;
  if (!Array.isArray(returned) || returned.length !== before.length)
    throw wrongReturn(at(), `an array of ${counted(before.length, 'gradient')}`, returned);
  for (const [i, gradient] of returned.entries()) if (gradient !== null) checkGradient(at(), gradient, before[i]!);
  return returned;
}
