import type { GoldenMeta, Stages } from '@touchstone/contract';
import type { SketchProbes } from './golden-store.js';
import type { Job } from './protocol.js';

/** What a host runs jobs on, in its own process. */
export interface Ready {
  readonly kind: 'ready';
  readonly name: string;
  readonly version: string;
  readonly device: string;
  readonly precision: string;
  /** Loads the job's network, outside the counting of tensors. */
  prepare(job: Job): void;
  run(job: Job): Promise<Stages>;
  sketch(job: Job, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[]>;
  /** Tensors alive in the engine. */
  tensors(): number;
}

export type Served = Ready | { readonly kind: 'unavailable'; readonly reason: string };

/** Thrown for what a port says that it cannot do: the case is skipped. */
export class Unsupported extends Error {}
