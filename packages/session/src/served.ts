import type { GoldenMeta, HostTensor, Stages } from '@touchstone/contract';
import type { Postcondition, Explanation, KinkDifference, Kinks } from '@touchstone/methods';
import type { Job, MutantAnswer } from './protocol.js';
import type { PoolOptions, OpenWorkerPool } from './worker-pool/worker-pool.js';

/** The probes of one layer: up to 64 values each. */
export interface SketchProbes {
  readonly forward: HostTensor;
  readonly gradient: HostTensor | null;
}

/** What a host runs jobs on, in its own process. */
export interface Ready {
  readonly kind: 'ready';
  readonly name: string;
  readonly version: string;
  readonly device: string;
  readonly precision: string;
  readonly softwareRenderer: boolean;
  /** Loads the job's network, outside the counting of tensors. */
  prepare(job: Job): Promise<void>;
  run(job: Job): Promise<Stages>;
  /** What only our own methods can tell; null for somebody else's. */
  readonly inside: Inside | null;
  /** Tensors alive in the engine. */
  tensors(): number;
  /** Why it can run nothing more; null: it can. */
  whyLost(): string | null;
}

export interface Inside {
  sketch(job: Job, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[]>;
  kinks(job: Job): Promise<Kinks>;
  replay(job: Job, kinks: Kinks): Promise<{ readonly stages: Stages; readonly difference: KinkDifference }>;
  /** What they answer at `stage`. Begins none after so many milliseconds; mutants that throw, or lack the stage, are left out. */
  mutants(job: Job, stage: string, milliseconds: number): Promise<MutantAnswer[]>;
  claims(job: Job, stages: Stages, golden: Stages): Promise<Postcondition[]>;
  /** Multiply-adds of one forward pass. */
  multiplyAdds(job: Job): Promise<number>;
  /** The job with such help, its network and pool made ready; the last pool is kept. */
  helped(
    job: Job,
    help: Pick<Explanation, 'batching'> & { readonly engines: number },
    openWorkerPool: OpenWorkerPools,
  ): Promise<() => Promise<Stages>>;
  /** The same job by TF.js alone, its network made ready; the last one is kept. `register`: registers TF.js's own gradients. */
  stock(job: Job, register: () => void | Promise<void>): Promise<() => Promise<Stages>>;
}

/** Engines in threads of this process. */
export type OpenWorkerPools = (joined: PoolOptions) => Promise<OpenWorkerPool>;

export type Served = Ready | { readonly kind: 'unavailable'; readonly reason: string };

/** Thrown for what a port says that it cannot do: the case is skipped. */
export class Unsupported extends Error {}
