/**
 * The one question and the one answer about a method: from a command or a case to the engine, and back. Both can be
 * sent between processes.
 */
import type { ErrorCode, HostTensor, RequiredStages, Stages, Target } from '@touchstone/contract';
import type { Explanation, RunControl } from '@touchstone/methods';

/** A method on images, with its network. The golden is not part of it. */
export interface ExplainRequest {
  /** Id of the case, after which ports that write files name them; left out: no case of golden/. */
  readonly case?: string | undefined;
  readonly method: string;
  /** Holds network.json and, unless they are seeded, weights.safetensors; a session keeps the last network loaded. */
  readonly networkFolder: string;
  /** The preprocessed images, [N,C,H,W]. */
  readonly x: HostTensor;
  readonly target: Explanation['target'];
  /** Those that differ from the defaults; a port that is not ours is given all of them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** The stages that are wanted; left out: all. */
  readonly stages?: readonly string[] | undefined;
  /** For a port that is not ours: the stages that are compared, and those without which the case fails. */
  readonly compared?: { readonly stages: readonly string[]; readonly required: RequiredStages } | undefined;
  /** Whether the network's output for the images is wanted too. */
  readonly wantLogits?: boolean | undefined;
  /** Of one run, as PyTorch counts them; left out: not counted. */
  readonly multiplyAdds?: number | undefined;
  /** The most values that a port's answer may hold, all stages together. */
  readonly maxValues: number;
}

export interface AskOptions {
  /** How long the answer may take; only a child process can be ended when it does not come. Left out: without end. */
  readonly deadlineMs?: number | undefined;
}

export interface ExplainOptions extends AskOptions {
  /** Runs it twice, compares the bits, and measures memory. */
  readonly twice?: boolean;
  /** Measures memory where it runs once. */
  readonly measuresMemory?: boolean;
  /** Threads that share the work where the method can; only in this process. */
  readonly workers?: number;
  /** Watches an iterated method; only in this process. What `onStep` throws, `explain` rejects with. */
  readonly control?: RunControl;
}

export interface Answered {
  readonly kind: 'answered';
  readonly stages: Stages;
  /** What was explained, `likeliest` resolved; null: the method has no target. Left out: a port did not say. */
  readonly target?: Target | null | undefined;
  /** [N,classes], where they were wanted. */
  readonly logits?: HostTensor | undefined;
  /** Of the first run; null: not measured. */
  readonly milliseconds: number | null;
  /**
   * The first stage in which the bits of a second run differ from the first's; null: none does, or there was one run.
   */
  readonly unrepeated: string | null;
  /** Why a second run had no answer; `unrepeated` is then "attribution". */
  readonly unanswered?: string | undefined;
  /** The stages that hold NaN or ±∞, also `logits`. Left out: the answer was read from a file. */
  readonly nonFinite?: readonly string[] | undefined;
  /** Tensors left behind by all runs together. */
  readonly leaked: number;
  /** The most memory that the process held meanwhile, loading the network included; null: not known. */
  readonly peakBytes: number | null;
}

export type ExplainAnswer =
  | Answered
  /** What is asked cannot be answered here, which is no fault. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | {
      readonly kind: 'errored';
      readonly code: ErrorCode;
      readonly reason: string;
      readonly hint?: string | undefined;
      readonly leaked: number;
    };
