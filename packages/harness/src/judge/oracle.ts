import { oracleBackend } from '@touchstone/backends';
import { TouchstoneError, type Stages } from '@touchstone/contract';
import type { Postcondition, Kinks } from '@touchstone/methods';
import {
  Engine,
  type ExplainRequest,
  type MutantAnswer,
  type Replayed,
  type Reply,
  type RunRequest,
} from '@touchstone/session';
import type { EngineOptions } from '../port/engine-port.js';

/** What is spent on naming the causes of failures: a run with many is wrong all over, and shows it. */
const maxCauses = 5;
const causeMilliseconds = 2000;
/** A replay runs the case at most twice; so do the hosts of ports. */
const runs = 2;
/** It is asked about what other engines have done in their time, and is the slowest of all: it gets so many times what it should need. */
const patience = 3;

type Unnumbered<T> = T extends unknown ? Omit<T, 'seq'> : never;

/** float64, in a process of its own that is started when it is first asked; one question at a time. Errors as of `Engine.ask`. */
export class Oracle {
  readonly #engine: Engine;
  readonly #deadlineMs: number;
  /** Ids of cases on which it agrees with the golden, left alone. */
  readonly confirmed = new Set<string>();
  #seq = 0;
  #causes = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor({ deadlineMs, signal }: EngineOptions) {
    this.#engine = new Engine({ backend: oracleBackend.id }, signal);
    this.#deadlineMs = deadlineMs;
  }

  /** The case with `kinks` forced on it; `own`: also without. */
  async replay(job: ExplainRequest, kinks: Kinks, own: boolean): Promise<Replayed> {
    const reply = await this.#ask({ kind: 'replay', job, kinks, own }, job);
    if (reply.kind === 'replayed') return reply;
    throw new TouchstoneError('internal', 'message' in reply ? reply.message : 'float64 does not replay');
  }

  /** Whether the method's claims hold of an answer. */
  async claims(job: ExplainRequest, stages: Stages, golden: Stages): Promise<readonly Postcondition[]> {
    const reply = await this.#ask({ kind: 'claims', job, stages, golden }, job);
    if (reply.kind === 'claimed') return reply.claims;
    throw new TouchstoneError('internal', 'message' in reply ? reply.message : 'float64 does not examine claims');
  }

  /** What the method's mutants answer at a stage; none after `maxCauses` questions. */
  async mutants(job: ExplainRequest, stage: string): Promise<readonly MutantAnswer[]> {
    if (this.#causes++ >= maxCauses) return [];
    const reply = await this.#ask({ kind: 'mutants', job, stage, milliseconds: causeMilliseconds }, job);
    return reply.kind === 'mutated' ? reply.answers : [];
  }

  stop(): void {
    this.#engine.stop();
  }

  #ask(request: Unnumbered<RunRequest>, { multiplyAdds = 0 }: ExplainRequest): Promise<Reply> {
    const deadlineMs = Math.max(
      this.#deadlineMs,
      patience * 1000 * (multiplyAdds / oracleBackend.multiplyAddsPerSecond),
    );
    const answer = this.#last.then(() =>
      this.#engine.ask({ ...request, seq: ++this.#seq } as RunRequest, runs * deadlineMs),
    );
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
