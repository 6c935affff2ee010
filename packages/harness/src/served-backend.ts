import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import { explain, findMethod, mutants, type ExplainOptions, type Explained, type Explanation } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { readNetworkFolder } from './network-folder.js';
import type { Job, MutantAnswer } from './protocol.js';
import type { Served } from './served.js';

/** Our own methods on one backend, in this process. */
export async function serveBackend(id: string): Promise<Served> {
  const backend = findBackend(id);
  const availability = await backend.probe();
  if (availability.status === 'unavailable') return { kind: 'unavailable', reason: availability.reason };
  await backend.open();
  let last: { folder: string; network: Network } | undefined;

  const networkIn = (folder: string): Network => {
    if (last?.folder === folder) return last.network;
    last?.network.dispose();
    last = undefined;
    const { description, weights } = readNetworkFolder(folder);
    last = { folder, network: loadNetwork(description, weights) };
    return last.network;
  };
  const explanationOf = ({ networkFolder, x, target, params, fixtures }: Job): Explanation => ({ network: networkIn(networkFolder), x, target, params, fixtures });
  const run = async (job: Job, options?: ExplainOptions): Promise<Explained> => explain(findMethod(job.method), explanationOf(job), options);
  return {
    kind: 'ready',
    name: 'touchstone',
    version: '',
    device: availability.device,
    precision: availability.precision,
    prepare: (job) => void networkIn(job.networkFolder),
    run: async (job) => (await run(job)).stages,
    inside: {
      sketch: async (job, sketch) => (await run(job, { sketch })).sketch!,
      kinks: async (job) => (await run(job, { kinks: { record: true } })).kinks!,
      replay: async (job, kinks) => {
        const { stages, difference } = await run(job, { kinks: { replay: kinks } });
        return { stages, difference: difference! };
      },
      mutants: async (job, milliseconds) => answersOfMutants(job.method, explanationOf(job), performance.now() + milliseconds),
    },
    tensors: () => tf.memory().numTensors,
  };
}

async function answersOfMutants(method: string, explanation: Explanation, end: number): Promise<MutantAnswer[]> {
  const answers: MutantAnswer[] = [];
  for (const { id, fault, of, explain: explainWrongly } of mutants) {
    if (performance.now() > end) break;
    if (!of.includes(method)) continue;
    try {
      const { attribution } = await explainWrongly(findMethod(method), explanation);
      if (attribution !== undefined) answers.push({ id, fault, attribution });
    } catch {
      // A fault may be impossible here: it explains nothing.
    }
  }
  return answers;
}
