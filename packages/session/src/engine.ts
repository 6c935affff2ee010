import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isErrorCode, TouchstoneError, plainText } from '@touchstone/contract';
import { Reply, type Request, type Serves } from './protocol.js';

/** The compiled program, also where this file runs from src. */
const hostProgram = fileURLToPath(new URL('../dist/host.js', import.meta.url));

/** A host removes its folder and ends its browser first; one that takes longer, as in a loop, is killed. */
const graceMs = 2000;

/** How much of what a host printed is kept, in characters. */
const keptOutput = 4000;

/** A host's process, and the folder that it and what it starts have for temporary files. A host that outlives this process ends itself. */
const alive = new Map<ChildProcess, string>();
process.on('exit', () => {
  for (const [child, scratch] of alive) {
    child.kill('SIGTERM');
    rmSync(scratch, removal);
  }
});

/** A browser that the host started ends a little later, and writes until then. */
const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

/** A child process that answers one request at a time. After a crash or a hang it is over: start another. */
class Host {
  readonly #child: ChildProcess;
  #stderr = '';
  #settle: ((result: Reply | TouchstoneError) => void) | undefined;
  #ended: TouchstoneError | undefined;

  constructor() {
    const scratch = mkdtempSync(join(tmpdir(), 'touchstone-host-'));
    const env = { ...process.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch };
    this.#child = fork(hostProgram, [String(process.pid), scratch], {
      env,
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    alive.set(this.#child, scratch);
    this.#child.stdout?.resume();
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#stderr = (this.#stderr + text.toString('utf8')).slice(-keptOutput);
    });
    this.#child.on('message', (message) => this.#receive(message));
    this.#child.on('error', (error) =>
      this.#end(new TouchstoneError('host-crashed', `the host cannot be started: ${plainText(error.message)}`)),
    );
    this.#child.on('exit', (code, signal) => {
      void rm(scratch, removal).finally(() => alive.delete(this.#child));
      const end = (): void =>
        this.#end(
          new TouchstoneError('host-crashed', `the host ended with ${signal ?? `status ${code}`}${this.#lastWords()}`),
        );
      // What it printed last arrives before 'close', which never comes while a process that it started holds the pipe.
      this.#child.once('close', end);
      // A loop that was late looks at its timers first, at what arrived next.
      setTimeout(() => setImmediate(end), 500).unref();
    });
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** The reply, or a TouchstoneError `timeout` or `host-crashed`, after which the host has ended. */
  ask(request: Request, deadlineMs: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return void reject(this.#ended);
      const timer = setTimeout(() => {
        this.kill(
          new TouchstoneError(
            'timeout',
            `no answer within ${deadlineMs / 1000} s; the host was ended${this.#lastWords()}`,
          ),
        );
      }, deadlineMs);
      this.#settle = (result) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (result instanceof TouchstoneError) reject(result);
        else resolve(result);
      };
      this.#child.send(request, (error) => {
        if (error !== null)
          this.kill(
            new TouchstoneError(
              'host-crashed',
              `the host does not listen: ${plainText(error.message)}${this.#lastWords()}`,
            ),
          );
      });
    });
  }

  kill(why: TouchstoneError): void {
    this.#end(why);
    if (!alive.has(this.#child)) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    this.#child.once('exit', () => clearTimeout(timer));
  }

  #receive(message: unknown): void {
    const reply = Reply.safeParse(message);
    if (reply.success) this.#settle?.(reply.data);
    else
      this.kill(
        new TouchstoneError(
          'host-crashed',
          'the host sent a message that is not a reply: a port must not use process.send',
        ),
      );
  }

  #end(why: TouchstoneError): void {
    this.#ended ??= why;
    this.#settle?.(why);
  }

  #lastWords(): string {
    const said = plainText(this.#stderr.slice(-400), 300);
    return said === '' ? '' : `; it printed: ${said}`;
  }
}

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
  #host: Host | undefined;
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
    const host = new Host();
    this.#host = host;
    const reply = await host.ask({ kind: 'open', serves: this.#serves }, startDeadlineMs);
    if (reply.kind === 'ready' || reply.kind === 'unavailable') return reply;
    host.kill(new TouchstoneError('host-crashed', 'the host could not be opened'));
    throw replyError(reply);
  }

  /** Errors are `timeout` and `host-crashed`; the next request finds a new host. */
  async ask(request: RunRequest, deadlineMs: number): Promise<Answer> {
    if (this.#host === undefined || this.#host.ended) await this.#restart();
    this.#checkRunning();
    const reply = await (this.#host as Host).ask(request, deadlineMs);
    if (reply.kind === 'ready' || reply.kind === 'unavailable' || reply.seq !== request.seq) {
      const error = new TouchstoneError('host-crashed', 'the host answered something that was not asked');
      this.#host?.kill(error);
      throw error;
    }
    return reply;
  }

  stop(): void {
    this.#stopped = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#host?.kill(new TouchstoneError('host-crashed', 'stopped'));
  }

  async #restart(): Promise<void> {
    if (this.#failedStarts >= maxFailedStarts) {
      throw new TouchstoneError(
        'host-crashed',
        `the host failed ${maxFailedStarts} times to start again; it is given up`,
      );
    }
    this.#failedStarts++;
    const reply = await this.open();
    if (reply.kind === 'unavailable') throw new TouchstoneError('backend-unavailable', reply.reason);
    this.#failedStarts = 0;
  }

  #checkRunning(): void {
    if (this.#stopped) throw new TouchstoneError('host-crashed', 'stopped');
  }
}

function replyError(reply: Reply): TouchstoneError {
  if (reply.kind !== 'threw')
    return new TouchstoneError('host-crashed', 'the host answered something that was not asked');
  return new TouchstoneError(isErrorCode(reply.code) ? reply.code : 'internal', plainText(reply.message));
}
