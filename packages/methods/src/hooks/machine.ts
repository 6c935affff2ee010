/** The hooks of a program, what they do, and the events so far. */
import * as tf from '@tensorflow/tfjs-core';
import type { Act, Hook } from '@touchstone/contract';
import {
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  scale,
  Variable,
  type Gradient,
  type Module,
  type Network,
  type RemovableHandle,
} from '@touchstone/network';

/** The steps of a program; a mutant replaces one. */
export interface HookSteps {
  /** Whether a hook comes first among those of its module. */
  readonly comesFirst: (hook: Hook) => boolean;
  /** What a hook returns: the values that replace what it saw; undefined leaves them as they are. */
  readonly returned: <T>(values: readonly T[] | undefined) => readonly T[] | undefined;
  /** The act `remove`. */
  readonly remove: (handle: RemovableHandle) => void;
  /** Before each run, for each parameter whose gradient is requested. */
  readonly clearGradient: (parameter: Variable) => void;
}

export const hookSteps: HookSteps = {
  comesFirst: ({ prepend = false }) => prepend,
  returned: (values) => values,
  remove: (handle) => handle.remove(),
  clearGradient: (parameter) => {
    parameter.grad = null;
  },
};

/** What a hook with the act `throw` throws. */
export class Thrown extends Error {}

type Values = Record<string, Gradient>;

export class Machine {
  readonly network: Network;
  readonly steps: HookSteps;
  readonly #handles: RemovableHandle[] = [];
  readonly #latest = new Map<string, RemovableHandle>();
  readonly #firings = new Map<string, number>();
  readonly #events: { readonly values: Values; readonly nullable: boolean }[] = [];

  constructor(network: Network, steps: HookSteps) {
    this.network = network;
    this.steps = steps;
  }

  /** Without values the label is the whole event. */
  event(label: string, values?: Values): void {
    const copies = values
      ? Object.entries(values).map(([name, tensor]) => [label + name, tensor?.clone() ?? null])
      : [[label, null]];
    this.#events.push({ values: Object.fromEntries(copies) as Values, nullable: values !== undefined });
  }

  trace(): Record<string, tf.Tensor> {
    const stages: Record<string, tf.Tensor> = {};
    const sums = this.#events.map(({ values, nullable }, event) => {
      for (const [name, tensor] of Object.entries(values)) {
        stages[`${String(event).padStart(4, '0')} ${name}${tensor || !nullable ? '' : ' null'}`] =
          tensor ?? tf.zeros([1]);
      }
      return Object.values(values).reduce<tf.Tensor>(
        (sum, tensor) => (tensor ? tf.add(sum, tf.sum(tensor)) : sum),
        tf.zeros([]),
      );
    });
    return { ...stages, attribution: sums.length === 0 ? tf.zeros([0]) : tf.stack(sums) };
  }

  register(hook: Hook): void {
    const { kind, at = '' } = hook;
    const module = (): Module => this.network.module(at);
    const options = { prepend: this.steps.comesFirst(hook) };
    switch (kind) {
      case 'forward-pre':
        return this.#keep(hook, module().registerForwardPreHook(this.#beforeForward(hook), options));
      case 'global-forward-pre':
        return this.#keep(hook, registerModuleForwardPreHook(this.#beforeForward(hook)));
      case 'forward':
        return this.#keep(hook, module().registerForwardHook(this.#afterForward(hook), options));
      case 'global-forward':
        return this.#keep(hook, registerModuleForwardHook(this.#afterForward(hook)));
      case 'backward-pre':
        return this.#keep(hook, module().registerFullBackwardPreHook(this.#beforeBackward(hook), options));
      case 'global-backward-pre':
        return this.#keep(hook, registerModuleFullBackwardPreHook(this.#beforeBackward(hook)));
      case 'backward':
        return this.#keep(hook, module().registerFullBackwardHook(this.#afterBackward(hook), options));
      case 'global-backward':
        return this.#keep(hook, registerModuleFullBackwardHook(this.#afterBackward(hook)));
      default:
        this.#hookTensor(hook, at, this.network.parameter(at));
    }
  }

  #beforeForward(hook: Hook) {
    return (module: Module, inputs: readonly Variable[]) =>
      this.#fire(hook, placeOf(module), numbered('input', valuesOf(inputs)), inputs, {}, scale);
  }

  #afterForward(hook: Hook) {
    return (module: Module, inputs: readonly Variable[], output: Variable) => {
      const seen = { ...numbered('input', valuesOf(inputs)), output: output.value };
      return this.#fire(hook, placeOf(module), seen, [output], { input: inputs[0]! }, scale)?.[0];
    };
  }

  #beforeBackward(hook: Hook) {
    return (module: Module, gradOutput: readonly Gradient[]) =>
      this.#fire(hook, placeOf(module), numbered('gradOutput', gradOutput), gradOutput, {}, scaleGradient);
  }

  #afterBackward(hook: Hook) {
    return (module: Module, gradInput: readonly Gradient[], gradOutput: readonly Gradient[]) => {
      const seen = { ...numbered('gradInput', gradInput), ...numbered('gradOutput', gradOutput) };
      return this.#fire(hook, placeOf(module), seen, gradInput, {}, scaleGradient);
    };
  }

  remove(name: string): void {
    const handle = this.#latest.get(name);
    if (handle) this.steps.remove(handle);
  }

  removeAll(): void {
    for (const handle of this.#handles) handle.remove();
  }

  #keep({ name }: Hook, handle: RemovableHandle): void {
    this.#handles.push(handle);
    this.#latest.set(name, handle);
  }

  #hookTensor(hook: Hook, where: string, tensor: Variable): void {
    this.#keep(
      hook,
      tensor.registerHook((grad) => this.#fire(hook, where, { grad }, [grad], {}, scaleGradient)?.[0] ?? undefined),
    );
  }

  /**
   * One firing: the event, then the acts. `mine` are the values that a scale replaces; returns the replacement, or
   * nothing. A tensor hook is registered on one of `others` (the input, at a forward hook), or on the first of `mine`.
   */
  #fire<T extends Variable | Gradient>(
    hook: Hook,
    where: string,
    seen: Values,
    mine: readonly T[],
    others: Record<string, Variable>,
    times: (value: T, by: number) => T,
  ): readonly T[] | undefined {
    const firing = (this.#firings.get(hook.name) ?? 0) + 1;
    this.#firings.set(hook.name, firing);
    this.event(`${hook.kind} ${hook.name} ${where}#${firing} `, seen);
    let current = mine;
    for (const act of hook.acts) {
      if (act.on !== undefined && act.on !== firing) continue;
      if (act.do === 'scale') current = current.map((value) => times(value, act.by));
      else this.#act(hook, act, (of) => others[of] ?? (current[0] as Variable));
    }
    return this.steps.returned(current === mine ? undefined : current);
  }

  #act({ name }: Hook, act: Exclude<Act, { do: 'scale' }>, tensorOf: (of: string) => Variable): void {
    if (act.do === 'remove') this.remove(act.hook);
    else if (act.do === 'register') this.register(act.hook);
    else if (act.do === 'throw') throw new Thrown(name);
    else {
      const tensor = tensorOf(act.of);
      if (tensor.requiresGrad) this.#hookTensor(act.hook, '-', tensor);
    }
  }
}

const numbered = (name: string, values: readonly Gradient[]): Values =>
  Object.fromEntries(values.map((value, i) => [`${name}${i}`, value]));
const scaleGradient = (gradient: Gradient, by: number): Gradient =>
  gradient && scale(Variable.leaf(gradient), by).value;
const valuesOf = (variables: readonly Variable[]): tf.Tensor[] => variables.map(({ value }) => value);
const placeOf = (module: Module): string => module.path || '.';
