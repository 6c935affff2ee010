/** What every ReLU and max pool is given and gives back, forward and backward, while methods run. */
import { clone, type Network } from '@touchstone/network';
import { bendsOf, type Bend } from './bends.js';
import type { Keep, Later, Values } from './later.js';

export interface BendCall {
  readonly path: string;
  readonly bend: Bend;
  /** NHWC, or [N,features] */
  readonly shape: readonly number[];
  readonly x: Values;
  /** The total gradient of its output. */
  readonly R: Values | null;
  /** What it hands back. */
  readonly gradient: Values | null;
}

interface Seen extends Pick<BendCall, 'path' | 'bend' | 'shape'> {
  readonly x: Later;
  R: Later | null;
  gradient: Later | null;
}

/**
 * Gives what reads the calls so far. Only what the call itself hands back is seen: its input passes through a node of
 * its own, in place where the call is, so that other uses of the input do not count.
 *
 * @param network with visible bends
 */
export function watchBends(network: Network, keep: Keep): () => Promise<BendCall[]> {
  const calls: Seen[] = [];
  for (const [path, bend] of bendsOf(network.description)) {
    const module = network.module(path);
    const open: Seen[] = [];
    module.registerForwardPreHook((_module, [x]) => {
      const call: Seen = { path, bend, shape: x!.shape, x: keep(x!.value), R: null, gradient: null };
      calls.push(call);
      open.push(call);
      if (!x!.requiresGrad) return undefined;
      const inplace = bend.kind === 'relu' && bend.inplace;
      if (inplace) x!.changeInPlace('watched', x!.value.clone(), [], (R) => [R.clone()]);
      const passed = inplace ? x! : clone(x!);
      passed.registerHook((gradient) => void (call.gradient = keep(gradient)));
      return passed;
    });
    module.registerForwardHook((_module, _inputs, output) => {
      const call = open.pop()!;
      if (output.requiresGrad) output.registerHook((R) => void (call.R = keep(R)));
    });
  }
  return async () => {
    const read: BendCall[] = [];
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
