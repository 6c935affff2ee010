import * as tf from '@tensorflow/tfjs-core';
import { HookProgram, TouchstoneError, type Act, type Hook, type Target } from '@touchstone/contract';
import {
  backward,
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
import { z } from 'zod';
import type { Method } from '../core/method.js';
import { asLogits, logitSeed, resolveByPass } from '../core/target.js';

export const hooks: Method<{ program: HookProgram }> = {
  id: 'hooks',
  title: 'Hooks: the trace of a hook program, event by event',
  source: 'torch.nn.Module and torch.Tensor hooks; docs/hook-programs.md',
  image: null,
  params: z.strictObject({ program: HookProgram }),
  fixtures: [],
  run: async ({ network, x, target: asked, params: { program } }) => {
    const target = await resolveByPass(asked, network, x);
    const parameters = program.parameters.map((name) => [name, network.parameter(name)] as const);
    const machine = new Machine(network);
    try {
      for (const [, parameter] of parameters) parameter.requiresGrad = true;
      for (const step of program.steps) {
        if (step.do === 'register') machine.register(step.hook);
        else if (step.do === 'remove') machine.remove(step.hook);
        else run(machine, Variable.leaf(x.clone(), { requiresGrad: program.inputGradient }), target, parameters);
      }
      return machine.trace();
    } finally {
      machine.removeAll();
      for (const [, parameter] of parameters) {
        parameter.requiresGrad = false;
        parameter.grad = null;
      }
    }
  },
};

/** What a hook with the act `throw` throws. */
class Thrown extends Error {}

/** Forward, then backward of the target; whatever ends it is an event. */
function run(
  machine: Machine,
  x: Variable,
  target: Target,
  parameters: readonly (readonly [string, Variable])[],
): void {
  for (const [, parameter] of parameters) parameter.grad = null;
  try {
    const output = machine.network.call(x);
    machine.event('', { output: output.value });
    backward(output, logitSeed(asLogits(output.value), target, machine.network.description.heads));
    machine.event('grad ', { x: x.grad, ...Object.fromEntries(parameters.map(([name, { grad }]) => [name, grad])) });
  } catch (error) {
    if (error instanceof Thrown) machine.event(`threw ${error.message}`);
    else if (error instanceof TouchstoneError) machine.event('threw framework');
    else throw error;
  }
}

type Values = Record<string, Gradient>;

/** The hooks of a program, and the events so far. */
class Machine {
  readonly network: Network;
  readonly #handles: RemovableHandle[] = [];
  readonly #latest = new Map<string, RemovableHandle>();
  readonly #firings = new Map<string, number>();
  readonly #events: { readonly values: Values; readonly nullable: boolean }[] = [];

  constructor(network: Network) {
    this.network = network;
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
    const { kind, at = '', prepend = false } = hook;
    const paths = (module: Module): string => module.path || '.';
    switch (kind) {
      case 'forward-pre':
      case 'global-forward-pre': {
        const fire = (module: Module, inputs: readonly Variable[]) =>
          this.#fire(
            hook,
            paths(module),
            {
              ...numbered(
                'input',
                inputs.map(({ value }) => value),
              ),
            },
            inputs,
            {},
            scale,
          );
        this.#keep(
          hook,
          kind === 'forward-pre'
            ? this.network.module(at).registerForwardPreHook(fire, { prepend })
            : registerModuleForwardPreHook(fire),
        );
        return;
      }
      case 'forward':
      case 'global-forward': {
        const fire = (module: Module, inputs: readonly Variable[], output: Variable) => {
          const seen = {
            ...numbered(
              'input',
              inputs.map(({ value }) => value),
            ),
            output: output.value,
          };
          return this.#fire(hook, paths(module), seen, [output], { input: inputs[0]! }, scale)?.[0];
        };
        this.#keep(
          hook,
          kind === 'forward'
            ? this.network.module(at).registerForwardHook(fire, { prepend })
            : registerModuleForwardHook(fire),
        );
        return;
      }
      case 'backward-pre':
      case 'global-backward-pre': {
        const fire = (module: Module, gradOutput: readonly Gradient[]) =>
          this.#fire(hook, paths(module), numbered('gradOutput', gradOutput), gradOutput, {}, scaleGradient);
        this.#keep(
          hook,
          kind === 'backward-pre'
            ? this.network.module(at).registerFullBackwardPreHook(fire, { prepend })
            : registerModuleFullBackwardPreHook(fire),
        );
        return;
      }
      case 'backward':
      case 'global-backward': {
        const fire = (module: Module, gradInput: readonly Gradient[], gradOutput: readonly Gradient[]) =>
          this.#fire(
            hook,
            paths(module),
            { ...numbered('gradInput', gradInput), ...numbered('gradOutput', gradOutput) },
            gradInput,
            {},
            scaleGradient,
          );
        this.#keep(
          hook,
          kind === 'backward'
            ? this.network.module(at).registerFullBackwardHook(fire, { prepend })
            : registerModuleFullBackwardHook(fire),
        );
        return;
      }
      default:
        this.#hookTensor(hook, at, this.network.parameter(at));
    }
  }

  remove(name: string): void {
    this.#latest.get(name)?.remove();
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
   * One firing: the event, then the acts. `mine` is what a scale replaces; gives the replacement, or nothing. A tensor
   * hook goes on one of `others` (the input, at a forward hook), or on the first of `mine`.
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
    return current === mine ? undefined : current;
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
