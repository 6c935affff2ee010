import { fileURLToPath } from 'node:url';
import { isErrorCode, TouchstoneError, plainText } from '@touchstone/contract';
import { ChildServer } from '@touchstone/system';
import { Reply, type Request, type Serves } from './protocol.js';

/** The compiled program, also where this file runs from src. */
const hostProgram = fileURLToPath(new URL('../dist/host.js', import.meta.url));

export type Ready = Extract<Reply, { kind: 'ready' }>;
export type Answer = Exclude<Reply, { kind: 'ready' | 'unavailable' }>;
export type RunRequest = Exclude<Request, { kind: 'open' }>;

/** Hosts that fail this often in a row before they can run anything are not started again. */
const maxFailedStarts = 3;
/** A browser may be started twice, on a busy machine. */
const startDeadlineMs = 120_000;

/** One backend, or one port that is a module, served by a child process that is started again when it crashes or hangs. */
export class Engine {
  readonly #serves: Serves;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => this.stop();
  #host: ChildServer | undefined;
  #failedStarts = 0;
  #stopped = false;

  constructor(serves: Serves, signal?: AbortSignal) {
    this.#serves = serves;
    this.#signal = signal;
    if (signal?.aborted) this.stop();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Starts the host. Errors with the code of what went wrong. */
  async open(): Promise<Ready | Extract<Reply, { kind: 'unavailable' }>> {
    this.#checkRunning();
    const host = new ChildServer({
      name: 'the host',
      command: process.execPath,
      args: [hostProgram],
      transport: 'ipc',
      scratch: 'touchstone-host-',
    });
    this.#host = host;
    const reply = await askHost(host, { kind: 'open', serves: this.#serves }, startDeadlineMs);
    if (reply.kind === 'ready' || reply.kind === 'unavailable') return reply;
    void host.end(new TouchstoneError('process-crashed', 'the host could not be opened'));
    throw replyError(reply);
  }

  /** Errors are `timeout` and `process-crashed`; the next request finds a new host. */
  async ask(request: RunRequest, deadlineMs: number): Promise<Answer> {
    if (this.#host === undefined || this.#host.ended) await this.#restart();
    this.#checkRunning();
    const reply = await askHost(this.#host!, request, deadlineMs);
    if (reply.kind === 'ready' || reply.kind === 'unavailable' || reply.seq !== request.seq) {
      const error = new TouchstoneError('process-crashed', 'the host answered something that was not asked');
      void this.#host?.end(error);
      throw error;
    }
    return reply;
  }

  stop(): void {
    this.#stopped = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    void this.#host?.end(new TouchstoneError('process-crashed', 'stopped'));
  }

  async #restart(): Promise<void> {
    if (this.#failedStarts >= maxFailedStarts) {
      throw new TouchstoneError(
        'process-crashed',
        `the host failed ${maxFailedStarts} times to start again; it is given up`,
      );
    }
    this.#failedStarts++;
    const reply = await this.open();
    if (reply.kind === 'unavailable') throw new TouchstoneError('backend-unavailable', reply.reason);
    this.#failedStarts = 0;
  }

  #checkRunning(): void {
    if (this.#stopped) throw new TouchstoneError('process-crashed', 'stopped');
  }
}

async function askHost(host: ChildServer, request: Request, deadlineMs: number): Promise<Reply> {
  const reply = Reply.safeParse(await host.ask(request, deadlineMs));
  if (reply.success) return reply.data;
  const what = 'the host sent a message that is not a reply: a port must not use process.send';
  const error = new TouchstoneError('process-crashed', what);
  void host.end(error);
  throw error;
}

function replyError(reply: Reply): TouchstoneError {
  if (reply.kind !== 'threw')
    return new TouchstoneError('process-crashed', 'the host answered something that was not asked');
  return new TouchstoneError(isErrorCode(reply.code) ? reply.code : 'internal', plainText(reply.message));
}
