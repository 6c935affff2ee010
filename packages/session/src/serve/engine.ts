import type { NetworkFolder } from '../network/network-parts.js';
import type { Diagnosis, Question, SessionInfo } from '../protocol.js';
import type { Answered, ExplainOptions, ExplainRequest } from '../request.js';

export type Explained = Pick<Answered, 'stages' | 'target' | 'logits'>;

/** What runs methods in this process, thread or page: our own on a backend, or a port that is a module. */
export interface Engine {
  readonly info: SessionInfo;
  /** Loads a network in place of the last one; the one that is loaded already stays. */
  load(network: string | NetworkFolder): Promise<void>;
  /** On the request's network, which is loaded. */
  explain(request: ExplainRequest, options: ExplainOptions): Promise<Explained>;
  /** null: only our own methods can be asked. */
  readonly diagnose: ((question: Question) => Promise<Diagnosis[Question['kind']]>) | null;
  /** How many tensors it holds. */
  tensors(): number;
  /** @throws TouchstoneError `usage` where a session that was opened later computes on another backend here */
  readonly assertSelected?: () => void;
  /** Why its device can compute no more; null: it can. Left out: it always can. */
  readonly whyLost?: () => string | null;
  close(): Promise<void>;
}

/** Thrown for what a port says that it cannot do: the case is skipped. */
export class Unsupported extends Error {}
