/** A network of ReLUs and max pools is linear between its kinks: which of its pieces an image lies on. */
import type { HostTensor, Target } from '@touchstone/contract';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { withVisibleBends } from './bends.js';
import { poolWindows } from './pool-windows.js';
import type { Trial } from './trial.js';
import { watchBends, type BendCall } from './watch-bends.js';

/**
 * On which side every ReLU is and which element every window takes, as text. Two images with the same sides lie on one
 * piece, and the gradient at the first is that of the whole way to the second.
 */
export async function sidesOf(
  trial: Trial,
  generated: GeneratedNetwork,
  x: HostTensor,
  target: Target,
): Promise<string> {
  const network = trial.load({ ...generated, description: withVisibleBends(generated.description) });
  const calls = watchBends(network, trial.keep);
  await trial.explain('saliency', network, { x, target });
  return (await calls()).map(sides).join(' ');
}

function sides({ bend, x, shape }: BendCall): string {
  if (bend.kind === 'relu') return Array.from(x, (value) => Number(value > 0) + Number(value >= bend.ceiling)).join('');
  return poolWindows(bend.attributes, shape)
    .map((window) => window.reduce((best, index) => (x[index]! > x[best]! ? index : best)))
    .join();
}
