import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import { maxBytes, readBounded, readText } from '@touchstone/system';
import { networkFiles, networkRemedy, parseDescription, weightsOf, type NetworkFolder } from './network-parts.js';

/** A network in golden/ or one exported by a user; errors have the code `bad-network`. */
export function readNetworkFolder(folder: string): NetworkFolder {
  const stored = join(folder, networkFiles[1]);
  const description = readDescription(folder);
  if (description.weights !== undefined && existsSync(stored)) {
    throw new TouchstoneError(
      'bad-network',
      `${stored}: both stored and seeded weights are given`,
      'Remove this file, or "weights" from network.json.',
    );
  }
  const bytes =
    description.weights === undefined ? readBounded(stored, maxBytes.weights, 'bad-network', networkRemedy) : null;
  return { folder, description, weights: weightsOf(description, bytes, stored) };
}

/** Of a network without its weights; errors have the code `bad-network`. */
export function readDescription(folder: string): NetworkDescription {
  const file = join(folder, networkFiles[0]);
  return parseDescription(readText(file, 'bad-network', networkRemedy), file);
}
