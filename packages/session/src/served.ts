import type { GoldenMeta, HostTensor, Stages } from '@touchstone/contract';
import type { Postcondition, KinkDifference, Kinks } from '@touchstone/methods';
import type { Help, MutantAnswer } from './protocol.js';
import type { ExplainRequest } from './request.js';
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
  prepare(job: ExplainRequest): Promise<void>;
  run(job: ExplainRequest): Promise<Stages>;
  /** What only our own methods can tell; null for somebody else's. */
  readonly inside: Inside | null;
  /** Tensors alive in the engine. */
  tensors(): number;
  /** Why it can run nothing more; null: it can. */
  whyLost(): string | null;
}

export interface Inside {
  sketch(job: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[]>;
  kinks(job: ExplainRequest): Promise<Kinks>;
  replay(job: ExplainRequest, kinks: Kinks): Promise<{ readonly stages: Stages; readonly difference: KinkDifference }>;
  /** What they answer at `stage`. Begins none after so many milliseconds; mutants that throw, or lack the stage, are left out. */
  mutants(job: ExplainRequest, stage: string, milliseconds: number): Promise<MutantAnswer[]>;
  claims(job: ExplainRequest, stages: Stages, golden: Stages): Promise<Postcondition[]>;
  /** Multiply-adds of one forward pass. */
  multiplyAdds(job: ExplainRequest): Promise<number>;
  /** The job with such help, its network and pool made ready; the last pool is kept. */
  helped(job: ExplainRequest, help: Help, openWorkerPool: OpenWorkerPools): Promise<() => Promise<Stages>>;
  /** The same job by TF.js alone, its network made ready; the last one is kept. `register`: registers TF.js's own gradients. */
  stock(job: ExplainRequest, register: () => void | Promise<void>): Promise<() => Promise<Stages>>;
}

/** Engines in threads of this process. */
export type OpenWorkerPools = (joined: PoolOptions) => Promise<OpenWorkerPool>;

export type Served = Ready | { readonly kind: 'unavailable'; readonly reason: string };

/** Thrown for what a port says that it cannot do: the case is skipped. */
export class Unsupported extends Error {}
