/**
 * Our own methods on the same networks and requests, with every ReLU and max pool recorded: how near an example is to a
 * switch point, and how large the terms are that its networks sum. For a port too, whose own are not visible.
 */
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import type { HostTensor } from '@touchstone/contract';
import { amplitudeOf } from './amplitude.js';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import type { Keep } from './later.js';
import type { Request } from './law.js';
import { explanationOf } from './own-subject.js';
import { watchMargin } from './switch-margin.js';
import { withVisibleSwitches } from './switch-modules.js';

export class Shadow {
  readonly #keep: Keep;
  readonly #networks = new Map<GeneratedNetwork, Network>();
  readonly #margins: (() => Promise<number>)[] = [];
  /** The largest amplitude of a network. */
  amplitude = 0;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /** Never throws: what cannot be explained has no switch points. */
  async explain(id: string, generated: GeneratedNetwork, request: Request): Promise<void> {
    try {
      const network = await this.#network(generated, request.x);
      await explain(findMethod(id), { network, ...explanationOf(request) });
    } catch {
      // The law judges the subject's answer, or its error.
    }
  }

  /** The distance to the nearest switch point that was seen. */
  async margin(): Promise<number> {
    let nearest = Infinity;
    for (const read of this.#margins) nearest = Math.min(nearest, await read());
    return nearest;
  }

  close(): void {
    for (const network of this.#networks.values()) network.dispose();
  }

  /** Measured once: the images of a network have nearly the same amplitude. */
  async #network(generated: GeneratedNetwork, x: HostTensor): Promise<Network> {
    const known = this.#networks.get(generated);
    if (known) return known;
    const network = loadNetwork(withVisibleSwitches(generated.description), generated.weights);
    this.#networks.set(generated, network);
    this.#margins.push(watchMargin(network, this.#keep));
    this.amplitude = Math.max(this.amplitude, await amplitudeOf(generated, x));
    return network;
  }
}
