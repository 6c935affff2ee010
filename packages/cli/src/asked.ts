import type { NetworkDescription } from '@touchstone/contract';
import type { AskedTarget, Method } from '@touchstone/methods';
import { readTarget } from './asked-target.js';
import { readModelInput, type ModelInput } from './model-input.js';

/** The options of every command that explains an image with a network. */
export interface AskedOptions {
  /** Its name or folder. */
  readonly network: string;
  readonly image?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly golden: string;
}

/** What a network is asked to explain. */
export interface Asked {
  /** `likeliest` for a method without a target. */
  readonly target: AskedTarget;
  readonly input: ModelInput;
}

/** @throws TouchstoneError for what the user gave: the target before the input, which takes longer to read */
export async function readAsked(
  method: Method,
  description: NetworkDescription,
  options: Pick<AskedOptions, 'image' | 'input' | 'target'>,
): Promise<Asked> {
  const hasTarget = !method.without?.includes('target');
  const target = hasTarget ? readTarget(options.target, description, method) : 'likeliest';
  return { target, input: await readModelInput(options, description, method) };
}
