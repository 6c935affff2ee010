/** How near a network comes to a kink: where rounding decides which way a ReLU or a max pool goes. */
import type { Network } from '@touchstone/network';
import { bendsOf } from './bends.js';
import { largest } from './host-arithmetic.js';
import type { Keep, Values } from './later.js';
import { poolWindows } from './pool-windows.js';

/**
 * Gives what reads, of all calls of ReLUs, ReLU6s and max pools so far, the smallest distance to a kink relative to
 * the largest value of the input. Exact zeros and ties are no kinks: every engine treats them alike.
 *
 * @param network with visible bends
 */
export function watchMargin(network: Network, keep: Keep): () => Promise<number> {
  const calls: (() => Promise<number>)[] = [];
  for (const [path, bend] of bendsOf(network.description)) {
    network.module(path).registerForwardPreHook((_module, [x]) => {
      const [read, shape] = [keep(x!.value), x!.shape];
      calls.push(async () => {
        const values = await read();
        return (
          (bend.kind === 'relu'
            ? reluDistance(values, bend.ceiling)
            : poolDistance(values, poolWindows(bend.attributes, shape))) / largest(values)
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
    for (const kink of [0, ceiling]) if (value !== kink) nearest = Math.min(nearest, Math.abs(value - kink));
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
