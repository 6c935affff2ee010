import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { TouchstoneError } from '@touchstone/contract';
import { ChildServer } from '@touchstone/system';
import { withoutAdvertising } from '../advertising.js';
import { errorOf } from '../channel-session.js';
import { Reply, type Request, type SessionInfo, type Subject } from '../protocol.js';
import type { AskOptions } from '../request.js';
import type { Channel } from './channel.js';

/** The bundle of child-main.ts, also where this file runs from src. */
const verifiersProgram = fileURLToPath(new URL('../../dist/runtimes/child-bundle.js', import.meta.url));

/** Child processes that fail so often in a row before they can run anything are not started again. */
const maxFailedStarts = 3;
const longestOpenMs = 120_000;
/** The longest that a timer can be. */
const noDeadlineMs = 2 ** 31 - 1;

/** What goes to a child process. */
export interface Numbered {
  /** A number that cannot be guessed: a reply that a port prepared does not have it. */
  readonly seq: string;
  readonly request: Request;
}

/** What comes back. It is parsed like any other input: a port's code runs there too. */
const NumberedReply = z.object({ seq: z.string().max(100), reply: Reply });
export type NumberedReply = Readonly<{ seq: string; reply: Reply }>;

export interface ChildOptions {
  /** Ends the child process. */
  readonly signal?: AbortSignal | undefined;
  /** The program of the child process, which calls `serveChild`; left out: the verifier's own. */
  readonly program?: string | undefined;
  /** Receives what the child process prints, cleaned, up to a limit. */
  readonly onPrinted?: ((line: string) => void) | undefined;
  /** How long it may take to open; left out: long enough for a browser that starts twice on a busy machine. */
  readonly openDeadlineMs?: number | undefined;
}

/** To a child process that is started again when it crashes or takes too long. */
export class ChildChannel implements Channel {
  readonly runtime = 'child';
  readonly #subject: Subject;
  readonly #program: string;
  readonly #signal: AbortSignal | undefined;
  readonly #onPrinted: ChildOptions['onPrinted'];
  readonly #openDeadlineMs: number;
  readonly #onAbort = (): void => this.#stop();
  #child: ChildServer | undefined;
  #failedStarts = 0;
  #stopped = false;

  constructor(subject: Subject, options: ChildOptions) {
    const { signal, program = verifiersProgram, onPrinted, openDeadlineMs = longestOpenMs } = options;
    this.#onPrinted = onPrinted && withoutAdvertising(onPrinted);
    this.#openDeadlineMs = openDeadlineMs;
    this.#subject = subject;
    this.#program = program;
    this.#signal = signal;
    if (signal?.aborted) this.#stop();
    else signal?.addEventListener('abort', this.#onAbort);
  }

  /** Starts the child process. Errors have the code of what went wrong. */
  async open(): Promise<SessionInfo> {
    this.#checkRunning();
    const child = new ChildServer({
      name: 'the child process',
      command: process.execPath,
      args: [this.#program],
      transport: 'ipc',
      scratch: 'touchstone-child-',
      onPrinted: this.#onPrinted,
    });
    this.#child = child;
    const reply = await this.#ask(child, { kind: 'open', subject: this.#subject }, this.#openDeadlineMs);
    if (reply.kind === 'opened') return reply.value;
    void child.end(new TouchstoneError('process-crashed', 'the session could not be opened'));
    throw errorOf(reply);
  }

  /** Errors are `timeout` and `process-crashed`; the next request is answered by a new child process. */
  async ask(request: Request, { deadlineMs = noDeadlineMs }: AskOptions = {}): Promise<Reply> {
    if (this.#child === undefined || this.#child.ended) await this.#restart();
    this.#checkRunning();
    return this.#ask(this.#child!, request, deadlineMs);
  }

  async close(): Promise<void> {
    this.#stop();
  }

  async #ask(child: ChildServer, request: Request, deadlineMs: number): Promise<Reply> {
    const seq = randomUUID();
    const answer = NumberedReply.safeParse(await child.ask({ seq, request } satisfies Numbered, deadlineMs));
    if (answer.success && answer.data.seq === seq) return answer.data.reply;
    const what = answer.success
      ? 'answered another question'
      : 'sent a message that is not a reply: a port must not use process.send';
    const error = new TouchstoneError('process-crashed', `the child process ${what}`);
    void child.end(error);
    throw error;
  }

  #stop(): void {
    this.#stopped = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    void this.#child?.end(new TouchstoneError('process-crashed', 'stopped'));
  }

  async #restart(): Promise<void> {
    if (this.#failedStarts >= maxFailedStarts)
      throw new TouchstoneError(
        'process-crashed',
        `the child process failed ${maxFailedStarts} times to start again; it is given up`,
      );
    this.#failedStarts++;
    await this.open();
    this.#failedStarts = 0;
  }

  #checkRunning(): void {
    if (this.#stopped) throw new TouchstoneError('process-crashed', 'stopped');
  }
}
