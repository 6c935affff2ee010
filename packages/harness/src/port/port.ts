import type { GoldenMeta, Tier } from '@touchstone/contract';
import type { SwitchPoints } from '@touchstone/methods';
import type { ExplainAnswer, ExplainRequest, SketchProbes } from '@touchstone/session';

/** How long a run may take, and about how much is computed in that time. */
export interface TimeEstimate {
  readonly deadlineMs: number;
  readonly multiplyAddsPerSecond: number;
}

export type Opened =
  | {
      readonly kind: 'ready';
      readonly name: string;
      readonly version: string;
      readonly device: string;
      readonly precision: string;
      readonly softwareRenderer: boolean;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** An implementation under test. It answers one request at a time; what goes wrong with it is part of its answer. */
export interface Port {
  /** What the results call its backend, once it is open. */
  readonly id: string;
  /** Ours: every stage is demanded, its pictures are kept, and a failure is diagnosed layer by layer. */
  readonly own: boolean;
  /** Under which bounds it is judged, once it is open. */
  readonly tier: Tier;
  /** null: its speed is not known, so every case is tried. */
  readonly timeEstimate: TimeEstimate | null;
  open(): Promise<Opened>;
  explain(request: ExplainRequest): Promise<ExplainAnswer>;
  /** The probes of every layer, where it can give them. */
  sketch(request: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[] | null>;
  /** What decided at the switch points of the case, where it can tell. */
  switchPoints(request: ExplainRequest): Promise<SwitchPoints | null>;
  /** Another of the same, not open yet, where two compute more than one; null: they do not. */
  another(): Port | null;
  stop(): void;
}
