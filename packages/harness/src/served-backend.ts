import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import type { GoldenMeta, Stages } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { readNetworkFolder } from './network-folder.js';
import type { Job } from './protocol.js';
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
  const run = async (job: Job, sketch?: GoldenMeta['sketch']): ReturnType<typeof explain> => {
    const { x, target, params, fixtures } = job;
    return explain(findMethod(job.method), { network: networkIn(job.networkFolder), x, target, params, fixtures }, sketch === undefined ? {} : { sketch });
  };
  return {
    kind: 'ready',
    name: 'touchstone',
    version: '',
    device: availability.device,
    precision: availability.precision,
    prepare: (job) => void networkIn(job.networkFolder),
    run: async (job): Promise<Stages> => (await run(job)).stages,
    sketch: async (job, sketch) => (await run(job, sketch)).sketch ?? [],
    tensors: () => tf.memory().numTensors,
  };
}
