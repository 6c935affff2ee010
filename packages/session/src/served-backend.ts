import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '@touchstone/backends/page';
import {
  checkPostconditions,
  explain,
  findMethod,
  mutants,
  type ExplainOptions,
  type Explained,
  type Explanation,
} from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import type { NetworkFolder } from './network-parts.js';
import type { MutantAnswer } from './protocol.js';
import type { ExplainRequest } from './request.js';
import type { OpenWorkerPools, Served } from './served.js';
import { multiplyAddsOf } from './speed/multiply-adds.js';
import { stockNetwork, type StockNetwork } from './speed/stock-network.js';
import { stockSmoothGrad } from './speed/stock-smooth-grad.js';
import type { OpenWorkerPool } from './worker-pool/worker-pool.js';

/** Our own methods on one backend, in this process or page. `read`: a network folder, where this is. */
export async function serveBackend(
  backend: Backend,
  read: (folder: string) => Promise<NetworkFolder>,
): Promise<Served> {
  const availability = await backend.probe();
  if (availability.status === 'unavailable') return { kind: 'unavailable', reason: availability.reason };
  await backend.open();
  let last: { readonly folder: string; readonly network: Network; pool: OpenWorkerPool | undefined } | undefined;

  const networkIn = async (folder: string): Promise<Network> => {
    if (last?.folder === folder) return last.network;
    last?.network.dispose();
    await last?.pool?.close();
    last = undefined;
    const { description, weights } = await read(folder);
    last = { folder, network: loadNetwork(description, weights), pool: undefined };
    return last.network;
  };
  const teamIn = async (folder: string, size: number, openWorkerPool: OpenWorkerPools): Promise<OpenWorkerPool> => {
    const { description } = await networkIn(folder);
    const loaded = last!;
    if (loaded.pool?.size === size) return loaded.pool;
    await loaded.pool?.close();
    loaded.pool = undefined;
    return (loaded.pool = await openWorkerPool({
      backend: backend.id,
      description,
      weights: (await read(folder)).weights,
      size,
    }));
  };
  let lastStock: { folder: string; network: StockNetwork } | undefined;
  const stockIn = async (folder: string, register: () => void | Promise<void>): Promise<StockNetwork> => {
    if (lastStock?.folder === folder) return lastStock.network;
    lastStock?.network.dispose();
    lastStock = undefined;
    await register();
    const { description, weights } = await read(folder);
    lastStock = { folder, network: stockNetwork(description, weights) };
    return lastStock.network;
  };
  const explanationOf = async ({
    networkFolder,
    x,
    target,
    params,
    fixtures,
  }: ExplainRequest): Promise<Explanation> => ({
    network: await networkIn(networkFolder),
    x,
    target,
    params,
    fixtures,
    passBytes: backend.passBytes,
  });
  const run = async (job: ExplainRequest, options?: ExplainOptions): Promise<Explained> =>
    explain(findMethod(job.method), await explanationOf(job), options);
  return {
    kind: 'ready',
    name: 'touchstone',
    version: '',
    device: availability.device,
    precision: availability.precision,
    softwareRenderer: availability.softwareRenderer,
    prepare: async (job) => void (await networkIn(job.networkFolder)),
    run: async (job) => (await run(job)).stages,
    inside: {
      sketch: async (job, sketch) => (await run(job, { sketch })).sketch!,
      kinks: async (job) => (await run(job, { kinks: { record: true } })).kinks!,
      replay: async (job, kinks) => {
        const { stages, difference } = await run(job, { kinks: { replay: kinks } });
        return { stages, difference: difference! };
      },
      mutants: async (job, stage, milliseconds) =>
        answersOfMutants(job.method, await explanationOf(job), stage, performance.now() + milliseconds),
      claims: async (job, stages, golden) =>
        checkPostconditions(findMethod(job.method), await explanationOf(job), stages, golden),
      multiplyAdds: async ({ networkFolder, x }) => multiplyAddsOf(await networkIn(networkFolder), x),
      helped: async (job, { engines }, openWorkerPool) => {
        const pool = engines > 1 ? await teamIn(job.networkFolder, engines, openWorkerPool) : undefined;
        const explanation = { ...(await explanationOf(job)), ...(pool && { pool }) };
        return async () => (await explain(findMethod(job.method), explanation)).stages;
      },
      stock: async (job, register) => {
        const network = await stockIn(job.networkFolder, register);
        return () => stockSmoothGrad(network, job);
      },
    },
    tensors: () => tf.memory().numTensors,
    whyLost: () => backend.whyLost?.() ?? null,
  };
}

async function answersOfMutants(
  method: string,
  explanation: Explanation,
  stage: string,
  end: number,
): Promise<MutantAnswer[]> {
  const answers: MutantAnswer[] = [];
  for (const { id, fault, of, explain: explainWrongly } of mutants) {
    if (performance.now() > end) break;
    if (!of.includes(method)) continue;
    try {
      const { [stage]: answer } = await explainWrongly(findMethod(method), {
        ...explanation,
        control: { comparedOnly: true },
      });
      if (answer !== undefined) answers.push({ id, fault, answer });
    } catch {
      // A fault may be impossible here: it explains nothing.
    }
  }
  return answers;
}
