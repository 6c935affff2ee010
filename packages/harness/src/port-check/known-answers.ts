/** What float64 answers to the questions of the check, and to the same questions misread. */
import { oracleBackend } from '@touchstone/backends';
import type { Stages } from '@touchstone/contract';
import { explain, type Method } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import type { Probe } from './probes.js';

export type Ask = (method: Method, probe: Probe) => Promise<Stages>;

/** Opens float64 in this process. */
export async function openKnownAnswers(): Promise<Ask> {
  await oracleBackend.open();
  return async (method, { description, weights, x, target, params, fixtures }) => {
    const network = loadNetwork(description, weights);
    try {
      return (await explain(method, { network, x, target, params, fixtures })).stages;
    } finally {
      network.dispose();
    }
  };
}
