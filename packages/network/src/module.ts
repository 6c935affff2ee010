/** `nn.Module`: a named tree of callables with hooks. Names and order of events are PyTorch's (torch/nn/modules/module.py). */
import type * as tf from '@tensorflow/tfjs-core';
import { Variable, type Gradient } from './autograd.js';
import { Hooks, type RemovableHandle } from './hooks.js';

/** Before forward; may return replacement inputs. */
export type ForwardPreHook = (module: Module, inputs: readonly Variable[]) => Variable | readonly Variable[] | void;
/** After forward; may return a replacement output. */
export type ForwardHook = (module: Module, inputs: readonly Variable[], output: Variable) => Variable | void;
/** When the gradient of the output is there; may return a replacement, one per output. */
export type FullBackwardPreHook = (module: Module, gradOutput: readonly Gradient[]) => readonly Gradient[] | void;
/** When the gradients of all inputs are there; may return replacements, one per input. */
export type FullBackwardHook = (module: Module, gradInput: readonly Gradient[], gradOutput: readonly Gradient[]) => readonly Gradient[] | void;

interface Registration {
  /** Before the hooks that are there already. */
  readonly prepend?: boolean;
}

export abstract class Module {
  /** Dotted path from the root; `""` is the network itself. */
  readonly path: string;
  /** PyTorch's class name. */
  readonly type: string;
  readonly #forwardPre = new Hooks<ForwardPreHook>();
  readonly #forward = new Hooks<ForwardHook>();
  readonly #backwardPre = new Hooks<FullBackwardPreHook>();
  readonly #backward = new Hooks<FullBackwardHook>();

  constructor(path: string, type: string) {
    this.path = path;
    this.type = type;
  }

  /** What the module computes. Call the module by `call`, or its hooks do not run. */
  protected abstract forward(inputs: readonly Variable[]): Variable;
  abstract get isLeaf(): boolean;

  registerForwardPreHook(hook: ForwardPreHook, options?: Registration): RemovableHandle {
    return this.#forwardPre.add(hook, options);
  }
  registerForwardHook(hook: ForwardHook, options?: Registration): RemovableHandle {
    return this.#forward.add(hook, options);
  }
  registerFullBackwardPreHook(hook: FullBackwardPreHook, options?: Registration): RemovableHandle {
    return this.#backwardPre.add(hook, options);
  }
  registerFullBackwardHook(hook: FullBackwardHook, options?: Registration): RemovableHandle {
    return this.#backward.add(hook, options);
  }

  call(...given: readonly Variable[]): Variable {
    let inputs = given;
    for (const hook of this.#forwardPre) {
      const replaced = hook(this, inputs);
      if (replaced) inputs = replaced instanceof Variable ? [replaced] : replaced;
    }
    const backward = this.#backward.size + this.#backwardPre.size > 0 ? new BackwardHook(this, [...this.#backwardPre], [...this.#backward]) : null;
    if (backward) inputs = backward.enter(inputs);
    let output = this.forward(inputs);
    for (const hook of this.#forward) output = hook(this, inputs, output) ?? output;
    return backward ? backward.leave(output) : output;
  }
}

/** Nodes around a module that catch the gradients of its output and of its inputs (torch/utils/hooks.py, BackwardHook). */
class BackwardHook {
  #gradOutput: readonly Gradient[] | null = null;
  #entered = false;
  readonly #module: Module;
  readonly #preHooks: readonly FullBackwardPreHook[];
  readonly #hooks: readonly FullBackwardHook[];

  constructor(module: Module, preHooks: readonly FullBackwardPreHook[], hooks: readonly FullBackwardHook[]) {
    this.#module = module;
    this.#preHooks = preHooks;
    this.#hooks = hooks;
  }

  enter(inputs: readonly Variable[]): readonly Variable[] {
    if (!inputs.some((input) => input.requiresGrad)) return inputs;
    this.#entered = true;
    const passed = identity(inputs);
    passed[0]!.edge!.node.postHooks.add((gradInput) => {
      if (!this.#gradOutput) return undefined;
      const result = this.#runHooks(gradInput, this.#gradOutput);
      this.#gradOutput = null;
      return result;
    });
    return passed;
  }

  leave(output: Variable): Variable {
    if (!output.requiresGrad) return output;
    const [passed] = identity([output]);
    passed!.edge!.node.postHooks.add((gradOutput) => {
      let current = gradOutput;
      for (const hook of this.#preHooks) current = hook(this.#module, current) ?? current;
      this.#gradOutput = current;
      if (!this.#entered) {
        this.#runHooks([], current);
        this.#gradOutput = null;
      }
      return current;
    });
    return passed!;
  }

  #runHooks(gradInput: readonly Gradient[], gradOutput: readonly Gradient[]): readonly Gradient[] {
    return this.#hooks.reduce((current, hook) => hook(this.#module, current, gradOutput) ?? current, gradInput);
  }
}

function identity(inputs: readonly Variable[]): Variable[] {
  const values = inputs.map((input) => input.value.clone()) as tf.Tensor[];
  return Variable.results('backward_hook', values, inputs, (gradients) => gradients.map((gradient, i) => (inputs[i]!.requiresGrad ? (gradient?.clone() ?? null) : null)));
}
