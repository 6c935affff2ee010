/** What every ReLU and max pool is given and gives back, forward and backward, while methods run. */
import { clone, type Network } from '@touchstone/network';
import { bendsOf, type Bend } from './bends.js';

type Values = Float32Array | Float64Array;

export interface BendCall {
  readonly path: string;
  readonly bend: Bend;
  /** NHWC, or [N,features] */
  readonly shape: readonly number[];
  readonly x: Values;
  /** The total gradient of its output. */
  R: Values | null;
  /** What it hands back. */
  gradient: Values | null;
}

/**
 * Gives a list that grows by one entry per call. Only what the call itself hands back is seen: its input passes through a node of
 * its own, in place where the call is, so that other uses of the input do not count.
 *
 * @param network with visible bends
 */
export function watchBends(network: Network): BendCall[] {
  const calls: BendCall[] = [];
  for (const [path, bend] of bendsOf(network.description)) {
    const module = network.module(path);
    const open: BendCall[] = [];
    module.registerForwardPreHook((_module, [x]) => {
      const call: BendCall = { path, bend, shape: x!.shape, x: x!.value.dataSync<'float32'>() as Values, R: null, gradient: null };
      calls.push(call);
      open.push(call);
      if (!x!.requiresGrad) return undefined;
      const inplace = bend.kind === 'relu' && bend.inplace;
      if (inplace) x!.changeInPlace('watched', x!.value.clone(), [], (R) => [R.clone()]);
      const passed = inplace ? x! : clone(x!);
      passed.registerHook((gradient) => void (call.gradient = gradient.dataSync<'float32'>() as Values));
      return passed;
    });
    module.registerForwardHook((_module, _inputs, output) => {
      const call = open.pop()!;
      if (output.requiresGrad) output.registerHook((R) => void (call.R = R.dataSync<'float32'>() as Values));
    });
  }
  return calls;
}
