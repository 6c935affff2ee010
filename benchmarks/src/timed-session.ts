import { TouchstoneError } from '@touchstone/contract';
import {
  openChildSession,
  openSession,
  type Diagnosis,
  type ExplainRequest,
  type Question,
  type Session,
} from '@touchstone/session';
import { childProgram, pageBundle, processExtension } from './speed/in-process.js';
import type { SpeedQuestion, Timed } from './speed/questions.js';

interface TimeOptions {
  /** Size of the worker pool; 1: no pool. */
  readonly workers?: number;
  /** A stage to return. */
  readonly answer?: string | null;
}

interface TimedSessionOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** In this process, or in a page that it starts; without a child process the start costs less. */
  readonly here?: boolean;
}

/** A session that times runs, and fails if a run leaves tensors behind. */
export class TimedSession {
  readonly backend: string;
  readonly device: string;
  readonly software: boolean;
  readonly #session: Session;
  readonly #deadlineMs: number;

  private constructor(backend: string, session: Session, deadlineMs: number) {
    this.backend = backend;
    this.device = session.info.device;
    this.software = session.info.softwareRenderer;
    this.#session = session;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws TouchstoneError `backend-unavailable`, or another code if it fails to start */
  static async open(backend: string, { deadlineMs, signal, here = false }: TimedSessionOptions): Promise<TimedSession> {
    try {
      const session = here
        ? await openSession({ backend }, { signal, extension: processExtension, pageBundle })
        : await openChildSession({ backend }, { signal, program: childProgram });
      return new TimedSession(backend, session, deadlineMs);
    } catch (error) {
      if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      const hint = 'Run touchstone doctor to see why each backend is unavailable.';
      throw new TouchstoneError('backend-unavailable', `${backend}: ${error.message}`, hint);
    }
  }

  /** @throws TouchstoneError as the method reports it; `internal` where tensors are left behind */
  async time(
    request: ExplainRequest,
    by: 'ours' | 'stock',
    { answer = null, workers = 1 }: TimeOptions = {},
  ): Promise<Timed> {
    const question: SpeedQuestion = { kind: 'time', request, by, answer, workers };
    const timed = (await this.#ask(question, request.networkFolder)) as Timed;
    if (timed.leaked !== 0)
      throw new TouchstoneError(
        'internal',
        `${request.method} by ${by} left ${timed.leaked} tensors behind on ${this.backend}`,
      );
    return timed;
  }

  async product(size: number): Promise<number> {
    return ((await this.#ask({ kind: 'product', size })) as Timed).milliseconds;
  }

  async multiplyAdds(request: ExplainRequest): Promise<number> {
    return (await this.#ask({ kind: 'multiply-adds', request }, request.networkFolder)) as number;
  }

  diagnose<Q extends Question>(question: Q): Promise<Diagnosis[Q['kind']]> {
    return this.#session.diagnose(question, { deadlineMs: this.#deadlineMs });
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  #ask(question: SpeedQuestion, networkFolder?: string): Promise<unknown> {
    return this.#session.ask(question, { deadlineMs: this.#deadlineMs, ...(networkFolder && { networkFolder }) });
  }
}
