import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, readSafetensors, TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { parseNetwork } from '@touchstone/network';
import { maxBytes, readBounded, readText } from './files.js';

export interface NetworkFolder {
  readonly folder: string;
  readonly description: NetworkDescription;
  /** PyTorch's `state_dict` name → tensor. */
  readonly weights: Record<string, HostTensor>;
}

export const networkFiles = ['network.json', 'weights.safetensors'] as const;

const remedy = 'a network folder holds network.json and weights.safetensors, as touchstone_golden.export_network(module, example_input, folder) writes them';

/** A network in golden/ or one exported by a user; errors have the code `bad-network`. */
export function readNetworkFolder(folder: string): NetworkFolder {
  const [json, weights] = networkFiles.map((name) => join(folder, name)) as [string, string];
  const description = parseNetwork(parseJson(readText(json, 'bad-network', remedy), z.unknown(), json, 'bad-network'), json);
  const bytes = readBounded(weights, maxBytes.weights, 'bad-network', remedy);
  try {
    return { folder, description, weights: readSafetensors(bytes, weights).tensors };
  } catch (error) {
    if (error instanceof TouchstoneError) throw new TouchstoneError('bad-network', error.message, error.hint ?? remedy);
    throw error;
  }
}
