import type { GoldenMeta, Stages } from '@touchstone/contract';
import type { KinkDifference, Kinks } from '@touchstone/methods';
import type { SketchProbes } from './golden-store.js';
import type { Job, MutantAnswer } from './protocol.js';

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
  /** What only our own methods can tell; null for somebody else's. */
  readonly inside: Inside | null;
  /** Tensors alive in the engine. */
  tensors(): number;
}

export interface Inside {
  sketch(job: Job, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[]>;
  kinks(job: Job): Promise<Kinks>;
  replay(job: Job, kinks: Kinks): Promise<{ readonly stages: Stages; readonly difference: KinkDifference }>;
  /** Begins none after so many milliseconds; mutants that throw are left out. */
  mutants(job: Job, milliseconds: number): Promise<MutantAnswer[]>;
}

export type Served = Ready | { readonly kind: 'unavailable'; readonly reason: string };

/** Thrown for what a port says that it cannot do: the case is skipped. */
export class Unsupported extends Error {}
