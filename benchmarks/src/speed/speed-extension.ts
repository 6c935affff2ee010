/** Answers the benchmarks' questions in the process or page of a session. Runs without Node.js. */
import type { Stages } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import type { BackendEngine, Extension, PeakMemory } from '@touchstone/session/page';
import { stockNetwork, type StockNetwork } from '../stock/stock-network.js';
import { stockSmoothGrad } from '../stock/stock-smooth-grad.js';
import { matrixProduct } from './matrix-product.js';
import { multiplyAddsOf } from './multiply-adds.js';
import type { SpeedQuestion, Timed } from './questions.js';

export interface Meters {
  readonly memory: PeakMemory;
  /** Of all threads since the process began; null: not known. */
  readonly processorMilliseconds: () => number | null;
}

type TimeQuestion = Extract<SpeedQuestion, { kind: 'time' }>;

export function speedExtension(meters: Meters): Extension {
  const stock = new LastStockNetwork();
  return async (question, engine): Promise<Timed | number> => {
    const asked = question as SpeedQuestion;
    switch (asked.kind) {
      case 'multiply-adds':
        return multiplyAddsOf(await engine.network(asked.request.networkFolder), asked.request.x);
      case 'product':
        return timed(() => matrixProduct(asked.size), engine, meters);
      case 'time': {
        const run = asked.by === 'stock' ? await stock.prepare(asked, engine) : await prepareOurs(asked, engine);
        let stages: Stages = {};
        const its = await timed(async () => void (stages = await run()), engine, meters);
        return { ...its, answer: (asked.answer !== null && stages[asked.answer]) || null };
      }
    }
  };
}

async function timed(run: () => Promise<void>, engine: BackendEngine, meters: Meters): Promise<Timed> {
  const { memory, processorMilliseconds } = meters;
  const before = engine.tensors();
  memory.forget();
  const processor = processorMilliseconds();
  const start = performance.now();
  await run();
  const milliseconds = performance.now() - start;
  const used = processorMilliseconds();
  const result: Timed = {
    milliseconds,
    processorMilliseconds: processor === null || used === null ? null : used - processor,
    answer: null,
    leaked: engine.tensors() - before,
    peakBytes: memory.peak(),
  };
  await silence(meters);
  return result;
}

/** Milliseconds to look at, the processor time in them that is silence, and the longest wait. */
const [glance, standsStill, longest] = [20, 2, 2000];

/**
 * Waits until this process uses no processor time: threads that spin after their work would slow down whoever is
 * measured next.
 */
async function silence({ processorMilliseconds }: Meters): Promise<void> {
  const end = performance.now() + longest;
  for (let before = processorMilliseconds(); before !== null && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, glance));
    const now = processorMilliseconds()!;
    if (now - before < standsStill) return;
    before = now;
  }
}

/** Loads the network and opens the pool before the clock starts. */
async function prepareOurs({ request, workers }: TimeQuestion, engine: BackendEngine): Promise<() => Promise<Stages>> {
  const pool = workers > 1 ? await engine.pool(request.networkFolder, workers) : undefined;
  const explanation = {
    ...(await engine.explanationOf(request)),
    ...(pool && { pool }),
  };
  const method = findMethod(request.method);
  return async () => (await explain(method, explanation)).stages;
}

/** Keeps the last network that was built with TF.js alone. */
class LastStockNetwork {
  #last: { readonly folder: string; readonly network: StockNetwork } | undefined;

  async prepare({ request }: TimeQuestion, { context }: BackendEngine): Promise<() => Promise<Stages>> {
    const folder = request.networkFolder;
    if (this.#last?.folder !== folder) {
      this.#last?.network.dispose();
      this.#last = undefined;
      await context.registerStockGradients();
      const { description, weights } = await context.read(folder);
      this.#last = { folder, network: stockNetwork(description, weights) };
    }
    const { network } = this.#last;
    return () => stockSmoothGrad(network, request);
  }
}
