import { findBackend } from '@touchstone/backends';
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { WorkItem, WorkerPool } from '@touchstone/methods';
import { PoolWorker } from './pool-worker.js';

export interface OpenWorkerPool extends WorkerPool {
  /** Ends the threads, also those at work, and gives back their memory. */
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly backend: string;
  /** The very description of the network that is explained. */
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly size: number;
}

/**
 * Engines in threads of this process, each with the network loaded: for `Explanation.team`.
 *
 * @param size how many, one for each core
 * @throws `usage` for a backend that does not spread; otherwise the first error of a thread, after which none is left
 */
export async function openWorkerPool({ backend, description, weights, size }: PoolOptions): Promise<OpenWorkerPool> {
  if (!findBackend(backend).supportsWorkers)
    throw new TouchstoneError(
      'usage',
      `${backend} does not run in several threads of a process`,
      'It uses the cores by itself: leave --workers out.',
    );
  const shared = Object.fromEntries(Object.keys(weights).map((name) => [name, inSharedMemory(weights[name]!)]));
  const members = Array.from({ length: size }, () => new PoolWorker());
  const pool = new Threads(description, members);
  try {
    await Promise.all(members.map((member) => member.join({ backend, description, weights: shared })));
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** What a thread is given at a time: the next question lies before it when it has answered. */
const maxAtATime = 2;

class Threads implements OpenWorkerPool {
  readonly size: number;
  readonly network: NetworkDescription;
  readonly #members: readonly PoolWorker[];
  readonly #waiting: ((member: PoolWorker) => void)[] = [];

  constructor(network: NetworkDescription, members: readonly PoolWorker[]) {
    this.network = network;
    this.size = members.length;
    this.#members = members;
  }

  async run(share: WorkItem): Promise<Stages> {
    const idlest = this.#members.reduce((best, member) => (member.load < best.load ? member : best));
    const member =
      idlest.load < maxAtATime ? idlest : await new Promise<PoolWorker>((resolve) => this.#waiting.push(resolve));
    try {
      return await member.ask(share);
    } finally {
      this.#waiting.shift()?.(member);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
  }
}

/** A copy that threads are given without copying it. Read once: drawn weights are drawn each time. */
function inSharedMemory({ shape, data }: HostTensor): HostTensor {
  const shared = new Float32Array(new SharedArrayBuffer(4 * data.length));
  shared.set(data);
  return { shape, data: shared };
}
