/**
 * The one way to run a method, wherever its backend runs: in this process, in a thread, in a child process or in a
 * page of Chromium.
 */
import type { NetworkFolder } from './network/network-parts.js';
import type { Diagnosis, Question, SessionInfo } from './protocol.js';
import type { AskOptions, ExplainAnswer, ExplainOptions, ExplainRequest } from './request.js';

/**
 * An opened backend, or an opened port that is a module. It answers one question at a time, in their order; none after
 * `close`.
 */
export interface Session {
  readonly info: SessionInfo;
  /** `process`: in this one, so that `workers` and `control` have an effect. */
  readonly runtime: 'process' | 'thread' | 'child' | 'page';
  /**
   * Loads a network in place of the last one. `explain` does so too; this keeps its time apart, or gives what was
   * read already.
   */
  load(network: string | NetworkFolder, options?: AskOptions): Promise<void>;
  /** Errors of the method and of the runtime are part of the answer. */
  explain(request: ExplainRequest, options?: ExplainOptions): Promise<ExplainAnswer>;
  /** @throws TouchstoneError `unsupported` for a port that is a module, and whatever goes wrong */
  diagnose<Q extends Question>(question: Q, options?: AskOptions): Promise<Diagnosis[Q['kind']]>;
  /**
   * What the extension of whoever opened the session answers.
   *
   * @param options `networkFolder`: the network that it needs, which a page has to be allowed to read
   * @throws TouchstoneError whatever goes wrong
   */
  ask(question: unknown, options?: AskOptions & { readonly networkFolder?: string }): Promise<unknown>;
  /** How many tensors the engine holds. */
  tensors(): Promise<number>;
  /** Ends what was started for it. */
  close(): Promise<void>;
}
