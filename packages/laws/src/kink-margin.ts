/** How near a network comes to a kink: where rounding decides which way a ReLU or a max pool goes. */
import type { NetworkDescription } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import { functionalRelu } from './arbitraries/build-network.js';
import { windowsOf } from './pool-windows.js';

type Values = Float32Array | Float64Array;

/**
 * Tells the smallest distance to a kink of each call of ReLU, ReLU6 and MaxPool2d, relative to the largest value of the layer's
 * input. Exact zeros and ties are no kinks: every engine treats them alike. The functional ones between calls count through
 * whatever module is called on their input; those are what a container's calls show.
 */
export function watchMargin(network: Network, tell: (margin: number) => void): void {
  for (const [path, module] of network.namedModules()) {
    const kind = kindOf(network.description, path);
    if (!kind) continue;
    module.registerForwardPreHook((_module, [x]) => {
      const values = x!.value.dataSync<'float32'>() as Values;
      tell(kind === 'pool' ? poolMargin(values, windowsOf(network.description, path, x!.shape)) : reluMargin(values, kind));
    });
  }
}

function kindOf({ modules }: NetworkDescription, path: string): 'pool' | readonly number[] | null {
  const module = modules[path]!;
  if ('type' in module) {
    if (module.type === 'MaxPool2d') return 'pool';
    if (module.type === 'ReLU') return [0];
    if (module.type === 'ReLU6') return [0, 6];
    if ('calls' in module && module.type === functionalRelu) return [0, 6];
  }
  return null;
}

function reluMargin(values: Values, kinks: readonly number[]): number {
  let scale = 0;
  let nearest = Infinity;
  for (const value of values) {
    scale = Math.max(scale, Math.abs(value));
    for (const kink of kinks) if (value !== kink) nearest = Math.min(nearest, Math.abs(value - kink));
  }
  return nearest / scale;
}

function poolMargin(values: Values, windows: readonly (readonly number[])[]): number {
  let scale = 0;
  let nearest = Infinity;
  for (const value of values) scale = Math.max(scale, Math.abs(value));
  for (const window of windows) {
    let [first, second] = [-Infinity, -Infinity];
    for (const index of window) {
      const value = values[index]!;
      if (value > first) [first, second] = [value, first];
      else if (value < first) second = Math.max(second, value);
    }
    nearest = Math.min(nearest, first - second);
  }
  return nearest / scale;
}
