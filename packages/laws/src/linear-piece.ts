/** A network of ReLUs and max pools is linear between its switch points: which of its linear pieces an image is on. */
import type { HostTensor } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { withVisibleSwitches } from './switch-modules.js';
import { poolWindows } from './pool-windows.js';
import type { Trial } from './trial.js';
import { watchSwitches, type SwitchCall } from './watch-switches.js';

/**
 * On which side every ReLU is and which element every window takes in our own forward pass, as text. Two images with
 * the same sides are on one piece, and the gradient is the same everywhere between them.
 */
export async function sidesOf(trial: Trial, generated: GeneratedNetwork, x: HostTensor): Promise<string> {
  const network = loadNetwork(withVisibleSwitches(generated.description), generated.weights);
  try {
    const calls = watchSwitches(network, trial.keep);
    await explain(findMethod('activations'), { network, x, target: 'likeliest', params: {}, fixtures: {} });
    return (await calls()).map(sides).join(' ');
  } finally {
    network.dispose();
  }
}

function sides({ module, x, shape }: SwitchCall): string {
  if (module.kind === 'relu')
    return Array.from(x, (value) => Number(value > 0) + Number(value >= module.ceiling)).join('');
  return poolWindows(module.attributes, shape)
    .map((window) => window.reduce((best, index) => (x[index]! > x[best]! ? index : best)))
    .join();
}
