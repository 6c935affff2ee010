import type { HostTensor, NetworkDescription } from '@touchstone/contract';
import type { NetworkFolder } from '../network/network-parts.js';
import type { PeakMemory } from '../peak-memory.js';
import type { Subject } from '../protocol.js';
import type { OpenWorkerPool } from '../worker-pool.js';
import type { Engine } from './engine.js';

/** What differs between a process, a thread and a page. */
export interface Context {
  /** @throws TouchstoneError `backend-unavailable` */
  open(subject: Subject): Promise<Engine>;
  readonly memory: PeakMemory;
}

/** What a backend needs of where it runs. */
export interface BackendContext {
  read(folder: string): Promise<NetworkFolder>;
  /** Registers TF.js's own gradients. */
  registerStockGradients(): void | Promise<void>;
  /** @throws TouchstoneError `unsupported` where there are no threads */
  openWorkerPool(options: {
    readonly backend: string;
    readonly description: NetworkDescription;
    readonly weights: Readonly<Record<string, HostTensor>>;
    readonly size: number;
  }): Promise<OpenWorkerPool>;
}
