import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '@touchstone/contract';
import { networkFiles, readNetworkFolder } from '@touchstone/session';

/** Writes a network of seeded weights as its users have it: with the weights in a file. */
export function storeNetwork(from: string, to: string): void {
  const { description, weights } = readNetworkFolder(from);
  const { weights: _, ...stored } = description;
  writeFileSync(join(to, networkFiles[0]), JSON.stringify(stored));
  writeFileSync(join(to, networkFiles[1]), writeSafetensors(weights));
}
