/** The right method on a network that differs in one respect from the one that it is given. */
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import { loadNetwork, type Network } from '@touchstone/network';
import { explain } from '../core/explain.js';
import type { Mutant, Remedy } from '../core/mutant.js';

export type Modules = NetworkDescription['modules'];
/** A module without children. */
export type LeafDescription = Extract<Modules[string], { attributes: unknown }>;

export interface NetworkChange {
  /** @param input shape of the images, [N,C,H,W] */
  readonly description: (description: NetworkDescription, input: readonly number[]) => NetworkDescription | null;
  /** The weights of the given network → of the changed one. */
  readonly weights: (
    weights: Readonly<Record<string, HostTensor>>,
    description: NetworkDescription,
  ) => Readonly<Record<string, HostTensor>>;
}

/**
 * A network in which the fault cannot show, or that cannot run with it, is explained as it is.
 *
 * @param change `description` says null where nothing would change
 */
export function onChangedNetwork(
  id: string,
  fault: string,
  remedy: Remedy,
  of: readonly string[],
  { description: describe, weights = (given) => given }: Pick<NetworkChange, 'description'> & Partial<NetworkChange>,
): Mutant {
  return {
    id,
    fault,
    remedy,
    of,
    applies: ({ network, x }) => describe(network.description, x.shape) !== null,
    explain: async (method, { pool: _withTheGivenNetwork, ...explanation }) => {
      const { network, x } = explanation;
      const description = describe(network.description, x.shape);
      if (description === null) return (await explain(method, explanation)).stages;
      const changed = loadNetwork(description, weights(await network.readWeights(), description));
      try {
        const { stages } = await explain(method, { ...explanation, network: changed });
        return withoutAdded(stages, changed, network);
      } catch (error) {
        if (!(error instanceof TouchstoneError && error.code === 'bad-input')) throw error;
        return (await explain(method, explanation)).stages;
      } finally {
        changed.dispose();
      }
    },
  };
}

/** Without stages that are outputs of modules that only the changed network has. */
function withoutAdded(stages: Stages, changed: Network, given: Network): Stages {
  const isAdded = (path: string): boolean =>
    Object.hasOwn(changed.description.modules, path) && !Object.hasOwn(given.description.modules, path);
  return Object.fromEntries(Object.entries(stages).filter(([name]) => !isAdded(name.split('#')[0]!)));
}
