/** Our trace of a program, as stages of the method `hooks`. */
import type { Stages } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork, parseNetwork } from '@touchstone/network';
import type { HookScene } from './scene.js';

/** Runs on the open backend, and throws the method's errors. */
export async function ourTrace({ description, weights, x, target, program }: HookScene): Promise<Stages> {
  const network = loadNetwork(parseNetwork(description, description.name), weights);
  try {
    const { stages } = await explain(findMethod('hooks'), { network, x, target, params: { program }, fixtures: {} });
    return stages;
  } finally {
    network.dispose();
  }
}
