import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unknownName } from '@touchstone/contract';

/** A network on images of size × size. */
export interface BenchmarkNetwork {
  readonly id: string;
  readonly size: number;
  /** The folder with its network.json. @param golden the folder with the goldens */
  readonly folder: (golden: string) => string;
}

const own = fileURLToPath(new URL('../../networks', import.meta.url));

export const networks: readonly BenchmarkNetwork[] = [
  { id: 'vgg11-64', size: 64, folder: () => join(own, 'vgg11-64') },
  { id: 'efficientnet-lite0-224', size: 224, folder: (golden) => join(golden, 'networks', 'efficientnet-lite0') },
  { id: 'vgg16-224', size: 224, folder: (golden) => join(golden, 'networks', 'vgg16') },
];

/** @throws TouchstoneError `unknown-name` with the nearest */
export function chosenNetworks(ids: readonly string[] | undefined): readonly BenchmarkNetwork[] {
  const known = networks.map(({ id }) => id);
  for (const id of ids ?? []) if (!known.includes(id)) throw unknownName('network', id, known);
  return networks.filter(({ id }) => ids === undefined || ids.includes(id));
}
