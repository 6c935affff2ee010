/** How near a network comes to a kink: where rounding decides which way a ReLU or a max pool goes. */
import type { Network } from '@touchstone/network';
import { bendsOf } from './bends.js';
import { largest } from './host-arithmetic.js';
import { poolWindows } from './pool-windows.js';

type Values = Float32Array | Float64Array;

/**
 * Tells, at each call of a ReLU, ReLU6 or max pool, the smallest distance to a kink relative to the largest value of its input.
 * Exact zeros and ties are no kinks: every engine treats them alike.
 *
 * @param network with visible bends
 */
export function watchMargin(network: Network, tell: (margin: number) => void): void {
  for (const [path, bend] of bendsOf(network.description)) {
    network.module(path).registerForwardPreHook((_module, [x]) => {
      const values = x!.value.dataSync<'float32'>() as Values;
      tell((bend.kind === 'relu' ? reluDistance(values, bend.ceiling) : poolDistance(values, poolWindows(bend.attributes, x!.shape))) / largest(values));
    });
  }
}

function reluDistance(values: Values, ceiling: number): number {
  let nearest = Infinity;
  for (const value of values) for (const kink of [0, ceiling]) if (value !== kink) nearest = Math.min(nearest, Math.abs(value - kink));
  return nearest;
}

/** The smallest lead of a window's maximum over the next smaller value. */
function poolDistance(values: Values, windows: readonly (readonly number[])[]): number {
  let nearest = Infinity;
  for (const window of windows) {
    let [first, second] = [-Infinity, -Infinity];
    for (const index of window) {
      const value = values[index]!;
      if (value > first) [first, second] = [value, first];
      else if (value < first) second = Math.max(second, value);
    }
    nearest = Math.min(nearest, first - second);
  }
  return nearest;
}
