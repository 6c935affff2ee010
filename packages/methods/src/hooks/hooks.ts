import { HookProgram, TouchstoneError, type Target } from '@touchstone/contract';
import { backward, Variable } from '@touchstone/network';
import { z } from 'zod';
import { declaresNothing, type Method } from '../core/method.js';
import { targetSeed } from '../core/seed.js';
import { asOutput, resolveByPass } from '../core/target.js';
import { hookSteps, Machine, Thrown, type HookSteps } from './machine.js';

export function hooksFrom(changed: Partial<HookSteps>): Method<{ program: HookProgram }> {
  const steps = { ...hookSteps, ...changed };
  return {
    id: 'hooks',
    title: 'Hooks: the trace of a hook program, event by event',
    source: 'torch.nn.Module and torch.Tensor hooks; docs/hook-programs.md',
    image: null,
    params: z.strictObject({ program: HookProgram.describe('docs/hook-programs.md') }),
    fixtures: [],
    stages: { '0000 …': 'one per value of an event', attribution: '[events]' },
    declares: declaresNothing,
    run: async ({ network, x, target: asked, params: { program } }) => {
      const target = await resolveByPass(asked, network, x);
      const parameters = program.parameters.map((name) => [name, network.parameter(name)] as const);
      const machine = new Machine(network, steps);
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
}

export const hooks = hooksFrom({});

/** Forward, then backward from the target; an error that ends it is an event. */
function run(
  machine: Machine,
  x: Variable,
  target: Target,
  parameters: readonly (readonly [string, Variable])[],
): void {
  for (const [, parameter] of parameters) machine.steps.clearGradient(parameter);
  try {
    const output = machine.network.call(x);
    machine.event('', { output: output.value });
    backward(output, targetSeed(asOutput(output.value), target, machine.network.description.heads));
    machine.event('grad ', { x: x.grad, ...Object.fromEntries(parameters.map(([name, { grad }]) => [name, grad])) });
  } catch (error) {
    if (error instanceof Thrown) machine.event(`threw ${error.message}`);
    else if (error instanceof TouchstoneError) machine.event('threw framework');
    else throw error;
  }
}
