import type { CaseRow, GoldenMeta, HostTensor, Stages, Tier } from '@touchstone/contract';
import type { Kinks } from '@touchstone/methods';
import type { SketchProbes } from '@touchstone/session';

/** One case as a port sees it: everything but the golden. */
export interface Task {
  readonly row: CaseRow;
  readonly networkFolder: string;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly fixtures: Record<string, HostTensor>;
  /** All parameters, defaults included. */
  readonly params: Record<string, unknown>;
  /** The most values that an answer may hold, all stages together. */
  readonly maxValues: number;
  /** Of one run, as PyTorch counts them; 0: not counted. */
  readonly multiplyAdds: number;
}

/** What a run may take, and how much is done in that time, roughly. */
export interface TimeEstimate {
  readonly deadlineMs: number;
  readonly multiplyAddsPerSecond: number;
}

export type Answer =
  | {
      readonly kind: 'stages';
      readonly stages: Stages;
      /** null: not measured. */
      readonly milliseconds: number | null;
      /** The first stage whose bits differ in a second run. */
      readonly unrepeated: string | null;
      /** Tensors left behind. */
      readonly leaked: number;
      /** null: not measured. */
      readonly peakBytes: number | null;
    }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'errored'; readonly code: string; readonly reason: string; readonly leaked: number };

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

/** An implementation under test. It answers one task at a time, and nothing that it does throws past `answer`. */
export interface Port {
  /** What the results call its backend, once it is open. */
  readonly id: string;
  /** Ours: every stage is demanded, its pictures are kept, and a failure is diagnosed layer by layer. */
  readonly own: boolean;
  /** Under which bounds it is judged, once it is open. */
  readonly tier: Tier;
  /** null: nobody knows how fast it is, so that everything is tried. */
  readonly timeEstimate: TimeEstimate | null;
  open(): Promise<Opened>;
  answer(task: Task): Promise<Answer>;
  /** The probes of every layer, where it can give them. */
  sketch(task: Task, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[] | null>;
  /** What decided at the kinks of the case, where it can tell. */
  kinks(task: Task): Promise<Kinks | null>;
  /** One more of the same, not open yet, where two get more done than one; null: they do not. */
  another(): Port | null;
  stop(): void;
}
