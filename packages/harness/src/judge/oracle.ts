import { oracleBackend } from '@touchstone/backends';
import type { GoldenMeta, Stages } from '@touchstone/contract';
import type { Cause, NearUnits, Postcondition, SwitchPoints, WrongAnswer } from '@touchstone/methods';
import {
  openChildSession,
  type ExplainRequest,
  type Replayed,
  type Session,
  type SketchProbes,
} from '@touchstone/session';
import type { PortOptions } from '../port/session-port.js';

/**
 * The limits for naming causes of failures: a run with many failures is wrong everywhere, and a few causes show it.
 * They are spread, so that one systematic fault does not use them up on one network or one method.
 */
const maxCauses = { all: 12, ofOneMethod: 3, ofOneMethodAndNetwork: 2 };
/** The most answers for which only causes of earlier answers are tried. */
const maxRepeats = 200;
/** For one of many causes. By the estimate, not by the clock, so that a busy machine names the same causes. */
const causeSeconds = 10;
const secondsForOne = 600;
/** Multiply-adds for each number of the input, where they were not counted: about those of a small ResNet. */
const roughly = 3000;
/** A replay runs the case at most twice. */
const runs = 2;
/**
 * float64 is the slowest backend, and checks cases that others computed within the deadline: its deadline is the larger
 * of that and this many times its estimate.
 */
const patience = 3;

/**
 * float64 in a child process, which starts with the first question; one question at a time. Errors as of
 * `Session.diagnose`.
 */
export class Oracle {
  readonly #deadlineMs: number;
  readonly #seeks: 'one' | 'some';
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  /** Ids of cases in which float64 alone agrees with the golden. */
  readonly confirmed = new Set<string>();
  #session: Promise<Session> | undefined;
  readonly #causes = new Map<string, number>();
  /** Mutants and kinds of other questions that explained an answer, and those that gave the same there. */
  readonly #known = new Set<string>();
  #repeats = maxRepeats;
  #last: Promise<unknown> = Promise.resolve();

  /** @param seeks a cause of one answer, whatever it costs; else of some among many, by `maxCauses` and their cost */
  constructor({ deadlineMs, signal }: PortOptions, seeks: 'one' | 'some' = 'some') {
    this.#seeks = seeks;
    this.#deadlineMs = deadlineMs;
    this.#signal = signal ? AbortSignal.any([signal, this.#stopping.signal]) : this.#stopping.signal;
  }

  /** The case with `switchPoints` forced on it; `own`: also without. */
  replay(request: ExplainRequest, switchPoints: SwitchPoints, own: boolean): Promise<Replayed> {
    return this.#inTurn(request, (session, deadlineMs) =>
      session.diagnose({ kind: 'replay', request, switchPoints, own }, { deadlineMs }),
    );
  }

  /** The probes of every layer. */
  sketch(request: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[]> {
    return this.#inTurn(request, (session, deadlineMs) =>
      session.diagnose({ kind: 'sketch', request, sketch }, { deadlineMs }),
    );
  }

  /** The answers with one unit that is near its switch point on its other side, each: see `nearSwitchPoints`. */
  nearSwitchPoints(request: ExplainRequest, within: number, most: number): Promise<NearUnits> {
    return this.#inTurn(request, (session, deadlineMs) =>
      session.diagnose({ kind: 'nearSwitchPoints', request, within, most }, { deadlineMs }),
    );
  }

  /** Whether the method's postconditions hold for an answer. */
  postconditions(request: ExplainRequest, stages: Stages, golden: Stages): Promise<readonly Postcondition[]> {
    return this.#inTurn(request, (session, deadlineMs) =>
      session.diagnose({ kind: 'postconditions', request, stages, golden }, { deadlineMs }),
    );
  }

  /**
   * The known fault that reproduces a wrong answer. Those that explained earlier answers are tried first, so that one
   * fault explains many cases; all of them only as often as `maxCauses` allows.
   */
  async cause(request: ExplainRequest, wrong: WrongAnswer): Promise<Cause | null> {
    const again =
      this.#known.size > 0 && this.#repeats-- > 0 ? await this.#search(request, wrong, [...this.#known]) : null;
    if (again !== null) return again;
    // A fault of the finished map costs one run; the others cost one each.
    const ofMap = this.#seeks === 'one' ? await this.#search(request, wrong, []) : null;
    if (ofMap !== null) return ofMap;
    const mayAsk = this.#seeks === 'one' || this.#mayAsk(request);
    const cause = mayAsk ? await this.#search(request, wrong) : null;
    if (cause === null) return null;
    if (this.#seeks === 'some') this.#refund(request);
    const same = cause.rivals.filter((rival) => rival.same).flatMap(({ parts }) => parts);
    for (const { id, kind } of [...cause.parts, ...same]) {
      const asked = id ?? kind;
      if (asked !== undefined) this.#known.add(asked);
    }
    return cause;
  }

  #search(request: ExplainRequest, wrong: WrongAnswer, only?: readonly string[]): Promise<Cause | null> {
    const affordable = (this.#seeks === 'one' ? secondsForOne : causeSeconds) * oracleBackend.multiplyAddsPerSecond;
    const each = Math.max(request.multiplyAdds || roughly * request.x.data.length, 1);
    const options = { most: Math.ceil(affordable / each), only };
    return this.#inTurn({ multiplyAdds: Math.max(affordable, each) }, (session, deadlineMs) =>
      session.diagnose({ kind: 'cause', request, wrong, options }, { deadlineMs }),
    );
  }

  /** Counts the question if there is room for it. */
  #mayAsk({ method, networkFolder }: ExplainRequest): boolean {
    const limits = [
      ['all', maxCauses.all],
      [`of ${method}`, maxCauses.ofOneMethod],
      [`of ${method} on ${networkFolder}`, maxCauses.ofOneMethodAndNetwork],
    ] as const;
    const asked = (kind: string): number => this.#causes.get(kind) ?? 0;
    if (limits.some(([kind, limit]) => asked(kind) >= limit)) return false;
    for (const [kind] of limits) this.#causes.set(kind, asked(kind) + 1);
    return true;
  }

  /** A cause that is found explains others too: what it cost counts for the whole run only. */
  #refund({ method, networkFolder }: ExplainRequest): void {
    for (const kind of [`of ${method}`, `of ${method} on ${networkFolder}`])
      this.#causes.set(kind, this.#causes.get(kind)! - 1);
  }

  stop(): void {
    this.#stopping.abort();
  }

  #inTurn<T>(
    { multiplyAdds = 0 }: Pick<ExplainRequest, 'multiplyAdds'>,
    ask: (session: Session, deadlineMs: number) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = Math.max(
      this.#deadlineMs,
      patience * 1000 * (multiplyAdds / oracleBackend.multiplyAddsPerSecond),
    );
    const answer = this.#last.then(async () => {
      this.#session ??= openChildSession({ backend: oracleBackend.id }, { signal: this.#signal });
      return ask(await this.#session, runs * deadlineMs);
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

/** What the judge asks. */
export type JudgeOracle = Pick<Oracle, 'replay' | 'confirmed' | 'postconditions' | 'cause'>;
