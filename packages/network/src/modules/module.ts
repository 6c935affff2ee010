/** `nn.Module`: a named tree of callables with hooks. Names and order of events are PyTorch's (torch/nn/modules/module.py). */
import { TouchstoneError } from '@touchstone/contract';
import { checkGradient, hookAt, wrongReturn } from '../autograd/hook-returns.js';
import { Hooks, type RemovableHandle } from '../autograd/hooks.js';
import type { Gradient } from '../autograd/node.js';
import { Variable } from '../autograd/variable.js';

/** Before forward; may return replacement inputs. */
export type ForwardPreHook = (module: Module, inputs: readonly Variable[]) => Variable | readonly Variable[] | void;
/** After forward; may return a replacement output. */
export type ForwardHook = (module: Module, inputs: readonly Variable[], output: Variable) => Variable | void;
/** When the gradient of the output is there; may return a replacement, one per output. */
export type FullBackwardPreHook = (module: Module, gradOutput: readonly Gradient[]) => readonly Gradient[] | void;
/** When the gradients of all inputs are there; may return replacements, one per input. */
export type FullBackwardHook = (
  module: Module,
  gradInput: readonly Gradient[],
  gradOutput: readonly Gradient[],
) => readonly Gradient[] | void;

interface Registration {
  /** Before the module's hooks that are there already. */
  readonly prepend?: boolean;
}

/** Hooks by kind: a module's own, or those of all modules. */
class ModuleHooks {
  readonly forwardPre = new Hooks<ForwardPreHook>();
  readonly forward = new Hooks<ForwardHook>();
  readonly backwardPre = new Hooks<FullBackwardPreHook>();
  readonly backward = new Hooks<FullBackwardHook>();

  get isEmpty(): boolean {
    return this.forwardPre.size + this.forward.size + this.backwardPre.size + this.backward.size === 0;
  }
}

const everywhere = new ModuleHooks();

/** Hooks of every module of every network in this process, before the modules' own. Remove them when done. */
export const registerModuleForwardPreHook = (hook: ForwardPreHook): RemovableHandle => everywhere.forwardPre.add(hook);
export const registerModuleForwardHook = (hook: ForwardHook): RemovableHandle => everywhere.forward.add(hook);
export const registerModuleFullBackwardPreHook = (hook: FullBackwardPreHook): RemovableHandle =>
  everywhere.backwardPre.add(hook);
export const registerModuleFullBackwardHook = (hook: FullBackwardHook): RemovableHandle =>
  everywhere.backward.add(hook);

export abstract class Module {
  /** Dotted path from the root; `""` is the network itself. */
  readonly path: string;
  /** PyTorch's class name. */
  readonly type: string;
  readonly #hooks = new ModuleHooks();

  constructor(path: string, type: string) {
    this.path = path;
    this.type = type;
  }

  /** What the module computes. Call the module by `call`, or its hooks do not run. */
  protected abstract forward(inputs: readonly Variable[]): Variable;
  abstract get isLeaf(): boolean;

  registerForwardPreHook(hook: ForwardPreHook, options?: Registration): RemovableHandle {
    return this.#hooks.forwardPre.add(hook, options);
  }
  registerForwardHook(hook: ForwardHook, options?: Registration): RemovableHandle {
    return this.#hooks.forward.add(hook, options);
  }
  registerFullBackwardPreHook(hook: FullBackwardPreHook, options?: Registration): RemovableHandle {
    return this.#hooks.backwardPre.add(hook, options);
  }
  registerFullBackwardHook(hook: FullBackwardHook, options?: Registration): RemovableHandle {
    return this.#hooks.backward.add(hook, options);
  }

  /** Whether hooks run around a call, its own or those of all modules. */
  get isHooked(): boolean {
    return !(this.#hooks.isEmpty && everywhere.isEmpty);
  }

  call(...given: readonly Variable[]): Variable {
    if (!this.isHooked) return this.forward(given);
    // Which backward hooks run is settled before anything else does.
    const passage = new BackwardHook(
      this,
      [...everywhere.backwardPre, ...this.#hooks.backwardPre],
      [...everywhere.backward, ...this.#hooks.backward],
    );
    let inputs = given;
    for (const hook of [...everywhere.forwardPre, ...this.#hooks.forwardPre]) {
      inputs = replacedInputs(hookOf(this, 'forward-pre', hook), hook(this, inputs), inputs);
    }
    inputs = passage.enter(inputs);
    let output = this.forward(inputs);
    for (const hook of [...everywhere.forward, ...this.#hooks.forward])
      output = replacedOutput(hookOf(this, 'forward', hook), hook(this, inputs, output), output);
    return passage.leave(output);
  }
}

function replacedInputs(
  at: string,
  returned: Variable | readonly Variable[] | void,
  inputs: readonly Variable[],
): readonly Variable[] {
  if (returned === undefined) return inputs;
  const replaced: unknown = returned instanceof Variable ? [returned] : returned;
  const expected = inputs.length === 1 ? 'a Variable' : `an array of ${inputs.length} Variables`;
  if (!Array.isArray(replaced) || replaced.length !== inputs.length) throw wrongReturn(at, expected, returned);
  for (const input of replaced) if (!(input instanceof Variable)) throw wrongReturn(at, expected, input);
  return replaced;
}

function replacedOutput(at: string, returned: Variable | void, output: Variable): Variable {
  if (returned === undefined) return output;
  if (!(returned instanceof Variable)) throw wrongReturn(at, 'a Variable', returned);
  return returned;
}

/** Nodes around a module that catch the gradients of its output and of its inputs (torch/utils/hooks.py, BackwardHook). */
class BackwardHook {
  #gradOutput: readonly Gradient[] | null = null;
  #entered = false;
  #inputs = 0;
  readonly #module: Module;
  readonly #preHooks: readonly FullBackwardPreHook[];
  readonly #hooks: readonly FullBackwardHook[];

  constructor(module: Module, preHooks: readonly FullBackwardPreHook[], hooks: readonly FullBackwardHook[]) {
    this.#module = module;
    this.#preHooks = preHooks;
    this.#hooks = hooks;
  }

  enter(inputs: readonly Variable[]): readonly Variable[] {
    this.#inputs = inputs.length;
    if (this.#hooks.length + this.#preHooks.length === 0) return inputs;
    const { passed, node } = Variable.passed(inputs);
    this.#entered = node !== null;
    node?.postHooks.add((gradInput) => {
      const gradOutput = this.#gradOutput;
      this.#gradOutput = null;
      return gradOutput ? this.#runHooks(gradInput, gradOutput) : undefined;
    });
    return passed;
  }

  leave(output: Variable): Variable {
    if (this.#hooks.length + this.#preHooks.length === 0) return output;
    const { passed, node } = Variable.passed([output]);
    node?.postHooks.add((gradients) => {
      let current = gradients;
      for (const hook of this.#preHooks)
        current = checkedGradients(
          hookOf(this.#module, 'full backward pre', hook),
          hook(this.#module, current),
          current,
        );
      // Copies: the engine disposes what it has passed on, and the module's hooks run later.
      if (this.#entered) this.#gradOutput = current.map((gradient) => gradient?.clone() ?? null);
      else this.#runWithoutInputs(current);
      return current;
    });
    return passed[0]!;
  }

  #runHooks(gradInput: readonly Gradient[], gradOutput: readonly Gradient[]): readonly Gradient[] {
    let current = gradInput;
    for (const hook of this.#hooks)
      current = checkedGradients(
        hookOf(this.#module, 'full backward', hook),
        hook(this.#module, current, gradOutput),
        current,
      );
    return current;
  }

  /** No input requires a gradient: the hooks see the output's, and have nothing to replace. */
  #runWithoutInputs(gradOutput: readonly Gradient[]): void {
    const none = Array.from({ length: this.#inputs }, () => null);
    for (const hook of this.#hooks) {
      const returned = hook(this.#module, none, gradOutput);
      if (returned?.some((gradient) => gradient !== null)) {
        throw new TouchstoneError(
          'usage',
          `${hookOf(this.#module, 'full backward', hook)} returned gradients, but no input of the module requires one`,
          'Return nothing.',
        );
      }
    }
  }
}

function checkedGradients(
  at: string,
  returned: readonly Gradient[] | void,
  before: readonly Gradient[],
): readonly Gradient[] {
  if (returned === undefined) return before;
  if (!Array.isArray(returned) || returned.length !== before.length)
    throw wrongReturn(at, `an array of ${before.length} ${before.length === 1 ? 'gradient' : 'gradients'}`, returned);
  for (const [i, gradient] of returned.entries()) if (gradient !== null) checkGradient(at, gradient, before[i]!);
  return returned;
}

function hookOf(module: Module, kind: string, hook: { readonly name: string }): string {
  return hookAt(kind, hook, `of ${nameOf(module)}`);
}

function nameOf({ path, type }: Module): string {
  return path === '' ? `the network (${type})` : `"${path}" (${type})`;
}
