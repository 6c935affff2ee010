/**
 * The distance of a network to its nearest switch point: where that is within rounding, a ReLU or a max pool may go
 * either way.
 */
import type { Network } from '@touchstone/network';
import { findSwitchModules } from './switch-modules.js';
import { largest } from './host-arithmetic.js';
import type { Keep, Values } from './later.js';
import { poolWindows } from './pool-windows.js';

/**
 * Returns a function that reads, over all calls of ReLUs, ReLU6s and max pools so far, the smallest distance to a
 * switch point relative to the largest value of the input. Exact zeros and ties do not count: drawn numbers are
 * exact in float32, or so irregular that their sums do not cancel, so every engine has the same.
 *
 * @param network with visible switches
 */
export function watchMargin(network: Network, keep: Keep): () => Promise<number> {
  const calls: (() => Promise<number>)[] = [];
  for (const [path, module] of findSwitchModules(network.description)) {
    network.module(path).registerForwardPreHook((_module, [x]) => {
      const [read, shape] = [keep(x!.value), x!.shape];
      calls.push(async () => {
        const values = await read();
        return (
          (module.kind === 'relu'
            ? reluDistance(values, module.ceiling)
            : poolDistance(values, poolWindows(module.attributes, shape))) / largest(values)
        );
      });
    });
  }
  return async () => {
    let nearest = Infinity;
    for (const call of calls) nearest = Math.min(nearest, await call());
    return nearest;
  };
}

function reluDistance(values: Values, ceiling: number): number {
  let nearest = Infinity;
  for (const value of values)
    for (const point of [0, ceiling]) if (value !== point) nearest = Math.min(nearest, Math.abs(value - point));
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
