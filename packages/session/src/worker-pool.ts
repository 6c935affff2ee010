import { findBackend } from '@touchstone/backends';
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { WorkItem, WorkerPool } from '@touchstone/methods';
import { errorOf } from './channel-session.js';
import type { Request } from './protocol.js';
import { ThreadChannel } from './runtimes/thread.js';

export interface OpenWorkerPool extends WorkerPool {
  /** Ends the threads, also those at work, and gives back their memory. */
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly backend: string;
  /** The very description of the network that is explained. */
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** How many threads; one for each core. */
  readonly size: number;
}

/**
 * Threads of this process, each with an engine that has loaded the network: for `Explanation.pool`.
 *
 * @throws `usage` for a backend that does not support workers; otherwise the first error of a thread, after which
 * none is left
 */
export async function openWorkerPool({ backend, description, weights, size }: PoolOptions): Promise<OpenWorkerPool> {
  if (!findBackend(backend).supportsWorkers)
    throw new TouchstoneError(
      'usage',
      `the backend ${backend} does not support worker threads`,
      'Omit --workers; the backend uses all cores itself.',
    );
  if (!(size >= 1))
    throw new TouchstoneError('usage', `a pool of ${size} workers: must be at least 1`, 'Give the size of the pool.');
  const shared = Object.fromEntries(Object.keys(weights).map((name) => [name, inSharedMemory(weights[name]!)]));
  const workers = Array.from({ length: size }, () => new ThreadChannel());
  const pool = new Threads(description, workers);
  try {
    await Promise.all(
      workers.map(async (worker) => {
        await ready(worker, { kind: 'open', subject: { backend } });
        await ready(worker, { kind: 'load', network: { folder: loaded, description, weights: shared } });
      }),
    );
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** What stands for the folder of the one network that a thread has. */
const loaded = '';

/** Requests that a worker has at a time: the next one is there when it has answered. */
const maxAtATime = 2;

class Threads implements OpenWorkerPool {
  readonly size: number;
  readonly network: NetworkDescription;
  readonly #workers: readonly ThreadChannel[];
  readonly #waiting: ((worker: ThreadChannel) => void)[] = [];

  constructor(network: NetworkDescription, workers: readonly ThreadChannel[]) {
    this.network = network;
    this.size = workers.length;
    this.#workers = workers;
  }

  async run(item: WorkItem): Promise<Stages> {
    const idlest = this.#workers.reduce((best, worker) => (worker.load < best.load ? worker : best));
    const worker =
      idlest.load < maxAtATime ? idlest : await new Promise<ThreadChannel>((resolve) => this.#waiting.push(resolve));
    try {
      return await runOn(worker, item);
    } finally {
      this.#waiting.shift()?.(worker);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }
}

async function ready(worker: ThreadChannel, request: Request): Promise<void> {
  const reply = await worker.ask(request);
  if (reply.kind !== 'opened' && reply.kind !== 'loaded') throw errorOf(reply);
}

/** Errors are those of `explain`, or `process-crashed` after which the worker has ended. */
export async function runOn(worker: ThreadChannel, { params, ...item }: WorkItem): Promise<Stages> {
  const request = {
    ...item,
    params: params as Readonly<Record<string, unknown>>,
    networkFolder: loaded,
    fixtures: {},
    maxValues: Infinity,
  };
  const reply = await worker.ask({ kind: 'explain', request, options: {} });
  if (reply.kind !== 'answered') throw errorOf(reply);
  return reply.stages;
}

/** A copy that threads are given without copying it. Read once: seeded weights are drawn each time. */
function inSharedMemory({ shape, data }: HostTensor): HostTensor {
  const shared = new Float32Array(new SharedArrayBuffer(4 * data.length));
  shared.set(data);
  return { shape, data: shared };
}
