import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '@touchstone/contract';
import { networkFiles, readDescription, readNetworkFolder } from '@touchstone/session';
import { maxBytes, readBounded } from '@touchstone/system';

/** Copies a network with both files, also where its weights are seeded: a port needs no generator. */
export function exportNetwork(
  from: string,
  to: string,
  write: (path: string, content: Uint8Array | string) => void,
): void {
  mkdirSync(to, { recursive: true });
  const { weights: seeded, ...description } = readDescription(from);
  if (seeded === undefined) {
    for (const file of networkFiles)
      write(join(to, file), readBounded(join(from, file), maxBytes.weights, 'golden-damaged'));
    return;
  }
  write(join(to, 'network.json'), JSON.stringify(description));
  write(join(to, 'weights.safetensors'), writeSafetensors(readNetworkFolder(from).weights));
}
