import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { maxBytes, readBounded, readText } from '@touchstone/system';
import { networkFiles, networkRemedy, parseDescription, weightsOf, type NetworkFolder } from './network-parts.js';

/** A network in golden/ or one exported by a user; errors have the code `bad-network`. */
export function readNetworkFolder(folder: string): NetworkFolder {
  const [json, stored] = networkFiles.map((name) => join(folder, name)) as [string, string];
  const description = parseDescription(readText(json, 'bad-network', networkRemedy), json);
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
