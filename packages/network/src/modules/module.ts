/**
 * `nn.Module`: a named tree of callables with hooks. Names and order of events are PyTorch's
 * (torch/nn/modules/module.py).
 */
import { BackwardHook } from '../autograd/backward-hook.js';
import { hookAt, wrongReturn } from '../autograd/hook-returns.js';
import { Hooks, type RemovableHandle } from '../autograd/hooks.js';
import type { Gradient } from '../autograd/node.js';
import { Variable } from '../autograd/variable.js';

/** Runs before forward; may return replacement inputs. */
export type ForwardPreHook = (module: Module, inputs: readonly Variable[]) => Variable | readonly Variable[] | void;
/** Runs after forward; may return a replacement output. */
export type ForwardHook = (module: Module, inputs: readonly Variable[], output: Variable) => Variable | void;
/** Runs when the gradient of the output is known; may return a replacement, one per output. */
export type FullBackwardPreHook = (module: Module, gradOutput: readonly Gradient[]) => readonly Gradient[] | void;
/** Runs when the gradients of all inputs are known; may return replacements, one per input. */
export type FullBackwardHook = (
  module: Module,
  gradInput: readonly Gradient[],
  gradOutput: readonly Gradient[],
) => readonly Gradient[] | void;

interface Registration {
  /** Runs before the module's other hooks of this kind. */
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

  /** What the module computes. Only `call` runs the hooks. */
  protected abstract forward(inputs: readonly Variable[]): Variable;
  /** It has no children. */
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

  /** Whether any hooks run around a call, its own or global ones. */
  get isHooked(): boolean {
    return !(this.#hooks.isEmpty && everywhere.isEmpty);
  }

  /** Runs forward with all hooks around it. @throws `usage` for a hook that returns something invalid */
  call(...given: readonly Variable[]): Variable {
    if (!this.isHooked) return this.forward(given);
    // As in PyTorch, the backward hooks of this call are those registered when it begins.
    const backwardHook = this.#backwardHook();
    let inputs = given;
    for (const hook of [...everywhere.forwardPre, ...this.#hooks.forwardPre]) {
      inputs = replacedInputs(hookOf(this, 'forward-pre', hook), hook(this, inputs), inputs);
    }
    inputs = backwardHook.enter(inputs);
    let output = this.forward(inputs);
    for (const hook of [...everywhere.forward, ...this.#hooks.forward])
      output = replacedOutput(hookOf(this, 'forward', hook), hook(this, inputs, output), output);
    return backwardHook.leave(output);
  }

  #backwardHook(): BackwardHook {
    const preHooks = [...everywhere.backwardPre, ...this.#hooks.backwardPre];
    const hooks = [...everywhere.backward, ...this.#hooks.backward];
    return new BackwardHook(
      preHooks.map((hook) => ({
        at: () => hookOf(this, 'full backward pre', hook),
        run: (gradOutput) => hook(this, gradOutput),
      })),
      hooks.map((hook) => ({
        at: () => hookOf(this, 'full backward', hook),
        run: (gradInput, gradOutput) => hook(this, gradInput, gradOutput),
      })),
    );
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

function hookOf(module: Module, kind: string, hook: { readonly name: string }): string {
  return hookAt(kind, hook, `of ${nameOf(module)}`);
}

function nameOf({ path, type }: Module): string {
  return path === '' ? `the network (${type})` : `"${path}" (${type})`;
}
