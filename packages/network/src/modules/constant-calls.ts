/**
 * The calls of a container whose operands are all weights and numbers, such as the kernel of a standardised
 * convolution: computed when the network is loaded, and in no pass while the weights are those that were loaded.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ContainerDescription, StepCall } from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import { disposeKernels } from '../ops/convolution/kernel-cache.js';

type Calls = ContainerDescription['calls'];

export class ConstantCalls {
  /** Name → value, of the calls that others read; null: only constant calls read it. */
  readonly #values = new Map<string, tf.Tensor | null>();
  readonly #weights: { readonly variable: Variable; readonly value: tf.Tensor }[] = [];

  /** @param compute the value of a call, from those of earlier ones */
  constructor(
    description: ContainerDescription,
    compute: (call: Calls[number], values: ReadonlyMap<string, Variable>) => Variable,
  ) {
    const constant = constantCalls(description);
    if (constant.size === 0) return;
    const used = new Set([...constant.keys(), ...[...constant.values()].flatMap(argsOf)]);
    const readByOthers = new Set(description.calls.flatMap((call) => (constant.has(call.name) ? [] : argsOf(call))));
    tf.tidy(() => {
      const values = new Map<string, Variable>();
      for (const call of description.calls) {
        if (!used.has(call.name)) continue;
        const variable = compute(call, values);
        values.set(call.name, variable);
        if ('weight' in call) this.#weights.push({ variable, value: variable.value });
      }
      for (const name of constant.keys())
        this.#values.set(name, readByOthers.has(name) ? tf.keep(values.get(name)!.value.clone()) : null);
    });
  }

  /** Null where a weight was changed, or its gradient is required: then every call runs. */
  values(): ReadonlyMap<string, tf.Tensor | null> | null {
    const isAsLoaded = this.#weights.every(({ variable, value }) => variable.value === value && !variable.requiresGrad);
    return isAsLoaded ? this.#values : null;
  }

  dispose(): void {
    for (const value of this.#values.values()) {
      if (value === null) continue;
      disposeKernels(value);
      value.dispose();
    }
  }
}

/** None where one of them might be changed in place, or is given to a module or returned. */
function constantCalls({ calls, output }: ContainerDescription): ReadonlyMap<string, StepCall> {
  const constant = new Map<string, StepCall>();
  const given = new Set<string>();
  for (const call of calls) {
    if (!('args' in call)) given.add(call.name);
    const known = (name: string) => given.has(name) || constant.has(name);
    const args = argsOf(call);
    if (('module' in call || isInPlace(call)) && args.some(known)) return new Map();
    if ('op' in call && args.every(known)) constant.set(call.name, call);
  }
  return constant.has(output) ? new Map() : constant;
}

const argsOf = (call: Calls[number]): readonly string[] => ('args' in call ? call.args : []);
const isInPlace = (call: Calls[number]): boolean => 'op' in call && call.attributes['inplace'] === true;
