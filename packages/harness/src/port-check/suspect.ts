import type { HostTensor } from '@touchstone/contract';
import type { Probe } from './probes.js';

/** A fault of the glue around a method. */
export interface Suspect {
  /** What is wrong, as the end of "saliency: …". */
  readonly says: string;
  /** What to do about it: an imperative sentence. */
  readonly remedy: string;
  /** The right answer as the fault changes it; null: it cannot occur here. */
  readonly answer?: (right: HostTensor, got: HostTensor) => HostTensor | null;
  /** The question that is answered in place of the one that was asked; null: it cannot occur here. */
  readonly question?: (probe: Probe) => Probe | null;
}
