/** Workers that share the images or samples of one run, each with the same network loaded. */
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { AskedTarget } from './target.js';

/** A method on some images, for one worker. */
export interface WorkItem {
  readonly method: string;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  readonly params: unknown;
  /** The stages to return; undefined: all. */
  readonly stages?: readonly string[] | undefined;
}

/** Single-threaded workers, which give the same bits as the backend that uses them. */
export interface WorkerPool {
  /** The number of workers. */
  readonly size: number;
  /** The network that they have loaded, without hooks and rules that the caller added to its own. */
  readonly network: NetworkDescription;
  /** The answer of the next free worker. Errors are those of `explain`, and `process-crashed` where a worker ended. */
  run(item: WorkItem): Promise<Stages>;
}

/** @throws `internal` where the pool has loaded another network */
export function checkPool(pool: WorkerPool | undefined, description: NetworkDescription): void {
  if (pool && pool.network !== description) {
    throw new TouchstoneError(
      'internal',
      `the worker pool has loaded ${pool.network.name}, not this ${description.name}`,
      'Open a pool with the description and weights of the explained network.',
    );
  }
}
