/** Engines that share the images or samples of one run, each with the same network loaded. */
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { AskedTarget } from './target.js';

/** A method on some images, for one engine. */
export interface WorkItem {
  readonly method: string;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  readonly params: unknown;
  /** The stages that are wanted; left out: all. */
  readonly stages?: readonly string[] | undefined;
}

/** Single-threaded engines. They give the same bits as the engine that asks them. */
export interface WorkerPool {
  /** How many engines there are. */
  readonly size: number;
  /** What they have loaded. Hooks and rules that a caller added to its own network are not part of it. */
  readonly network: NetworkDescription;
  /** The answer of the next free engine. Errors are those of `explain`, and `process-crashed` where an engine ended. */
  run(item: WorkItem): Promise<Stages>;
}

/** @throws `internal` where the pool has loaded another network */
export function checkPool(pool: WorkerPool | undefined, description: NetworkDescription): void {
  if (pool && pool.network !== description) {
    throw new TouchstoneError(
      'internal',
      `the pool has loaded ${pool.network.name}, not this ${description.name}`,
      'Open a pool with the description and weights of the network that is explained.',
    );
  }
}
