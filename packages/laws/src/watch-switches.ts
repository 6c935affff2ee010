/** What every ReLU and max pool receives and returns, forward and backward, while methods run. */
import { clone, type Network } from '@touchstone/network';
import { findSwitchModules, type SwitchModule } from './switch-modules.js';
import type { Keep, Later, Values } from './later.js';

export interface SwitchCall {
  readonly path: string;
  readonly module: SwitchModule;
  /** NHWC, or [N,features] */
  readonly shape: readonly number[];
  readonly x: Values;
  /** The total gradient of its output. */
  readonly R: Values | null;
  /** The gradient that it returns. */
  readonly gradient: Values | null;
}

interface Seen extends Pick<SwitchCall, 'path' | 'module' | 'shape'> {
  readonly x: Later;
  R: Later | null;
  gradient: Later | null;
}

/**
 * Returns a function that reads the calls so far. Only what the call itself returns is seen: its input passes
 * through a separate node, in place where the call is, so that other uses of the input do not count.
 *
 * @param network with visible switches
 */
export function watchSwitches(network: Network, keep: Keep): () => Promise<SwitchCall[]> {
  const calls: Seen[] = [];
  for (const [path, module] of findSwitchModules(network.description)) {
    const hooked = network.module(path);
    const open: Seen[] = [];
    hooked.registerForwardPreHook((_module, [x]) => {
      const call: Seen = { path, module, shape: x!.shape, x: keep(x!.value), R: null, gradient: null };
      calls.push(call);
      open.push(call);
      if (!x!.requiresGrad) return undefined;
      const inplace = module.kind === 'relu' && module.inplace;
      if (inplace) x!.changeInPlace('watched', x!.value.clone(), [], (R) => [R.clone()]);
      const passed = inplace ? x! : clone(x!);
      passed.registerHook((gradient) => void (call.gradient = keep(gradient)));
      return passed;
    });
    hooked.registerForwardHook((_module, _inputs, output) => {
      const call = open.pop()!;
      if (output.requiresGrad) output.registerHook((R) => void (call.R = keep(R)));
    });
  }
  return async () => {
    const read: SwitchCall[] = [];
    for (const call of calls)
      read.push({
        ...call,
        x: await call.x(),
        R: (await call.R?.()) ?? null,
        gradient: (await call.gradient?.()) ?? null,
      });
    return read;
  };
}
