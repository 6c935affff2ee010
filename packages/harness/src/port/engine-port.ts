import { resolve } from 'node:path';
import { findBackend } from '@touchstone/backends';
import { isErrorCode, TouchstoneError, type GoldenMeta, type Tier, messageOf, plainText } from '@touchstone/contract';
import type { Kinks } from '@touchstone/methods';
import {
  Engine,
  type ExplainAnswer,
  type ExplainRequest,
  type Reply,
  type RunRequest,
  type SketchProbes,
} from '@touchstone/session';
import type { Opened, TimeEstimate, Port } from './port.js';

export interface EngineOptions {
  /** For one run of a case. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A host runs every case twice. */
const runs = 2;

/** Our own methods on one backend. */
export function backendPort(id: string, options: EngineOptions): Port {
  const { multiplyAddsPerSecond, supportsWorkers } = findBackend(id);
  const timeEstimate = { deadlineMs: options.deadlineMs, multiplyAddsPerSecond };
  return new EnginePort(
    id,
    timeEstimate,
    new Engine({ backend: id }, options.signal),
    options.deadlineMs,
    (softwareRenderer) => (supportsWorkers || softwareRenderer ? backendPort(id, options) : null),
  );
}

/** A JavaScript module: way 1 of the port protocol. */
export function modulePort(path: string, options: EngineOptions): Port {
  return new EnginePort(
    'port',
    null,
    new Engine({ module: resolve(path) }, options.signal),
    options.deadlineMs,
    () => null,
  );
}

class EnginePort implements Port {
  id: string;
  tier: Tier = 'float32';
  readonly own: boolean;
  readonly timeEstimate: TimeEstimate | null;
  readonly #engine: Engine;
  readonly #deadlineMs: number;
  readonly #another: (softwareRenderer: boolean) => Port | null;
  #softwareRenderer = false;
  #seq = 0;

  constructor(
    id: string,
    timeEstimate: TimeEstimate | null,
    engine: Engine,
    deadlineMs: number,
    another: (softwareRenderer: boolean) => Port | null,
  ) {
    this.id = id;
    this.own = timeEstimate !== null;
    this.timeEstimate = timeEstimate;
    this.#engine = engine;
    this.#deadlineMs = deadlineMs;
    this.#another = another;
  }

  async open(): Promise<Opened> {
    const opened = await this.#engine.open();
    if (opened.kind === 'ready' && !this.own) this.id = opened.name;
    if (opened.kind === 'ready' && this.own) this.tier = opened.precision === 'float16' ? 'float16' : 'float32';
    this.#softwareRenderer = opened.kind === 'ready' && opened.softwareRenderer;
    return opened;
  }

  async explain(job: ExplainRequest): Promise<ExplainAnswer> {
    try {
      const reply = await this.#engine.ask({ kind: 'run', seq: ++this.#seq, job }, runs * this.#deadlineMs);
      switch (reply.kind) {
        case 'ran':
          return { ...reply, kind: 'answered' };
        case 'unsupported':
          return { kind: 'skipped', reason: `unsupported: ${plainText(reply.reason)}` };
        case 'threw':
          return {
            kind: 'errored',
            code: isErrorCode(reply.code) ? reply.code : 'internal',
            reason: plainText(reply.message),
            leaked: reply.leaked,
          };
        default:
          return {
            kind: 'errored',
            code: 'internal',
            reason: 'the host answered something that was not asked',
            leaked: 0,
          };
      }
    } catch (error) {
      const code = error instanceof TouchstoneError ? error.code : 'internal';
      return { kind: 'errored', code, reason: messageOf(error), leaked: 0 };
    }
  }

  async sketch(job: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[] | null> {
    const reply = await this.#look({ kind: 'sketch', seq: ++this.#seq, job, sketch });
    return reply?.kind === 'sketched' ? reply.sketch : null;
  }

  async kinks(job: ExplainRequest): Promise<Kinks | null> {
    const reply = await this.#look({ kind: 'kinks', seq: ++this.#seq, job });
    return reply?.kind === 'kinked' ? reply.kinks : null;
  }

  async #look(request: RunRequest): Promise<Reply | null> {
    try {
      return this.own ? await this.#engine.ask(request, this.#deadlineMs) : null;
    } catch {
      return null;
    }
  }

  /** A GPU and TensorFlow are at work wholly already. A program in the place of a GPU is busy most of the time compiling, in one thread. */
  another(): Port | null {
    return this.#another(this.#softwareRenderer);
  }

  stop(): void {
    this.#engine.stop();
  }
}
