import { messageOf, TouchstoneError } from '@touchstone/contract';
import type { RunControl } from '@touchstone/methods';
import type { NetworkFolder } from './network/network-parts.js';
import type { Diagnosis, Question, Reply, Request, SessionInfo } from './protocol.js';
import type { AskOptions, ExplainAnswer, ExplainOptions, ExplainRequest } from './request.js';
import type { Channel } from './runtimes/channel.js';
import type { Session } from './session.js';

const unasked = 'the answer is to another question';

/** A session over a channel that is open. */
export class ChannelSession implements Session {
  readonly info: SessionInfo;
  readonly #channel: Channel;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(channel: Channel, info: SessionInfo) {
    this.#channel = channel;
    this.info = info;
  }

  get runtime(): Session['runtime'] {
    return this.#channel.runtime;
  }

  async load(network: string | NetworkFolder, options?: AskOptions): Promise<void> {
    const sharesMemory = this.runtime === 'process' || this.runtime === 'thread';
    const given = sharesMemory || typeof network === 'string' ? network : network.folder;
    const reply = await this.#ask({ kind: 'load', network: given }, options);
    if (reply.kind !== 'loaded') throw errorOf(reply);
  }

  async explain(request: ExplainRequest, { deadlineMs, ...options }: ExplainOptions = {}): Promise<ExplainAnswer> {
    const { twice = false, measuresMemory = twice, control, ...local } = options;
    const stopped: unknown[] = [];
    const sent =
      this.runtime === 'process'
        ? { ...local, twice, measuresMemory, ...(control && { control: noting(control, stopped) }) }
        : { twice, measuresMemory };
    try {
      const reply = await this.#ask({ kind: 'explain', request, options: sent }, { deadlineMs });
      if (stopped.length > 0) throw stopped[0];
      if (reply.kind === 'answered' || reply.kind === 'skipped' || reply.kind === 'errored') return reply;
      return { kind: 'errored', code: 'internal', reason: unasked, leaked: 0 };
    } catch (error) {
      if (stopped.length > 0) throw error;
      const { code, hint } = error instanceof TouchstoneError ? error : { code: 'internal' as const, hint: undefined };
      return { kind: 'errored', code, reason: messageOf(error), hint, leaked: 0 };
    }
  }

  async diagnose<Q extends Question>(question: Q, options?: AskOptions): Promise<Diagnosis[Q['kind']]> {
    const reply = await this.#ask(question, options);
    if (reply.kind !== question.kind) throw errorOf(reply);
    return reply.value as Diagnosis[Q['kind']];
  }

  async ask(
    question: unknown,
    { networkFolder, ...options }: AskOptions & { readonly networkFolder?: string } = {},
  ): Promise<unknown> {
    const reply = await this.#ask({ kind: 'extension', question, networkFolder }, options);
    if (reply.kind !== 'extension') throw errorOf(reply);
    return reply.value;
  }

  async tensors(): Promise<number> {
    const reply = await this.#ask({ kind: 'tensors' });
    if (reply.kind !== 'tensors') throw errorOf(reply);
    return reply.value;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#channel.close();
  }

  /** A channel carries one question at a time: the next one waits, and its deadline begins when it is asked. */
  #ask(request: Request, options?: AskOptions): Promise<Reply> {
    const reply = this.#last.then(() => {
      if (this.#isClosed) throw new TouchstoneError('process-crashed', 'the session is closed');
      return this.#channel.ask(request, options);
    });
    this.#last = reply.catch(() => undefined);
    return reply;
  }
}

/** The error that a reply reports; `internal` where it reports none. */
export function errorOf(reply: Reply): TouchstoneError {
  if (reply.kind === 'errored') return new TouchstoneError(reply.code, reply.reason, reply.hint);
  return reply.kind === 'skipped'
    ? new TouchstoneError('unsupported', reply.reason)
    : new TouchstoneError('internal', unasked);
}

/** Keeps what `onStep` throws: an answer carries only its text. */
function noting(control: RunControl, stopped: unknown[]): RunControl {
  const { onStep } = control;
  if (onStep === undefined) return control;
  return {
    ...control,
    onStep: async (progress) => {
      try {
        await onStep.call(control, progress);
      } catch (error) {
        stopped.push(error);
        throw error;
      }
    },
  };
}
