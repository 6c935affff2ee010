/** A network's two files, wherever they come from. Errors have the code `bad-network`. */
import { z } from 'zod';
import {
  parseJson,
  readSafetensors,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
} from '@touchstone/contract';
import { seededWeights, parseNetwork } from '@touchstone/network';

export interface NetworkFolder {
  readonly folder: string;
  readonly description: NetworkDescription;
  /** PyTorch's `state_dict` name → tensor. Drawn ones are drawn each time that they are read, and not kept. */
  readonly weights: Record<string, HostTensor>;
}

/** The second is missing where `network.json` gives the seed of the weights. */
export const networkFiles = ['network.json', 'weights.safetensors'] as const;

export const networkRemedy =
  'Give a folder with network.json and weights.safetensors, as written by ' +
  'touchstone.export_network(module, example_input, folder).';

/** `file`: whose text it is, for errors. */
export function parseDescription(text: string, file: string): NetworkDescription {
  return parseNetwork(parseJson(text, z.unknown(), file, 'bad-network'), file);
}

/** Drawn, or out of the bytes of `file`. */
export function weightsOf(
  description: NetworkDescription,
  stored: Uint8Array | null,
  file: string,
): NetworkFolder['weights'] {
  if (description.weights !== undefined) return seededWeights(description, description.weights.seed);
  try {
    return readSafetensors(stored ?? new Uint8Array(), file).tensors;
  } catch (error) {
    if (error instanceof TouchstoneError)
      throw new TouchstoneError('bad-network', error.message, error.hint ?? networkRemedy);
    throw error;
  }
}
