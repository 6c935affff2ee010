import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import { Engine, type Help, type ExplainRequest } from '@touchstone/session';

type Request = Parameters<Engine['ask']>[0];
type Unnumbered<T> = T extends unknown ? Omit<T, 'seq'> : never;
type Answer = Awaited<ReturnType<Engine['ask']>>;
export type Timed = Extract<Answer, { kind: 'timed' }> & { readonly answer: HostTensor | null };

export interface TimeOptions extends Partial<Help> {
  /** The stage that comes along. */
  readonly answer?: string | null;
}

/** A backend in its own host, wherever that is: asked for times, and held to leaving no tensors behind. */
export class EngineClock {
  readonly backend: string;
  readonly device: string;
  readonly software: boolean;
  readonly #engine: Engine;
  readonly #deadlineMs: number;
  #seq = 0;

  private constructor(
    backend: string,
    { device, softwareRenderer }: { device: string; softwareRenderer: boolean },
    engine: Engine,
    deadlineMs: number,
  ) {
    this.backend = backend;
    this.device = device;
    this.software = softwareRenderer;
    this.#engine = engine;
    this.#deadlineMs = deadlineMs;
  }

  /** @throws TouchstoneError `backend-unavailable` and whatever else keeps a host from starting */
  static async open(
    backend: string,
    { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<EngineClock> {
    const engine = new Engine({ backend }, signal);
    try {
      const state = await engine.open();
      if (state.kind === 'unavailable')
        throw new TouchstoneError('backend-unavailable', `${backend}: ${state.reason}`, 'touchstone doctor says more.');
      return new EngineClock(backend, state, engine, deadlineMs);
    } catch (error) {
      engine.stop();
      throw error;
    }
  }

  /** @throws TouchstoneError as the host reports it; `internal` where tensors are left behind */
  async time(
    job: ExplainRequest,
    by: 'ours' | 'stock',
    { answer = null, engines = 1 }: TimeOptions = {},
  ): Promise<Timed> {
    const timed = await this.#timed({ kind: 'time', job, by, answer, engines });
    if (timed.leaked !== 0)
      throw new TouchstoneError(
        'internal',
        `${job.method} by ${by} left ${timed.leaked} tensors behind on ${this.backend}`,
      );
    return timed;
  }

  async product(size: number): Promise<number> {
    return (await this.#timed({ kind: 'product', size })).milliseconds;
  }

  async multiplyAdds(job: ExplainRequest): Promise<number> {
    const answer = await this.ask({ kind: 'multiply-adds', job });
    if (answer.kind !== 'counted') throw faultOf(answer);
    return answer.multiplyAdds;
  }

  async ask(request: Unnumbered<Request>): Promise<Answer> {
    return this.#engine.ask({ ...request, seq: ++this.#seq } as Request, this.#deadlineMs);
  }

  stop(): void {
    this.#engine.stop();
  }

  async #timed(request: Unnumbered<Request>): Promise<Timed> {
    const answer = await this.ask(request);
    if (answer.kind !== 'timed') throw faultOf(answer);
    return answer;
  }
}

export function faultOf(answer: Answer): TouchstoneError {
  if (answer.kind === 'threw') return new TouchstoneError('internal', answer.message);
  return new TouchstoneError(
    'internal',
    answer.kind === 'unsupported' ? answer.reason : 'the host answered something that was not asked',
  );
}
