import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plainText, TouchstoneError } from '@touchstone/contract';
import { endMarked } from './end-marked.js';
import { killAfterUs } from './kill-after-us.js';
import { lastWords } from './last-words.js';
import { readLines, type LineEnd } from './lines.js';
import { removal, removeQuietly } from './removal.js';

export interface ChildProgram {
  /** The subject of its errors, such as "the host". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `ipc`: structured clones over Node's channel. `lines`: one JSON text per line of stdin and stdout. */
  readonly transport: 'ipc' | 'lines';
  /**
   * The child gets a folder of this name (and a random end) for its temporary files, which is removed after its end.
   * The last two arguments of a program of ours are our process id and that folder: see `endWithParent`.
   */
  readonly scratch?: string;
  /**
   * A program that is not ours. It has the arguments that are given, and cannot be relied on: its lines are bounded,
   * one that was not asked for ends it, and so does the end of our own process, without a grace period; with `scratch`,
   * also where that is by SIGKILL.
   */
  readonly isForeign?: boolean;
  /** Receives what it prints, cleaned, up to a limit; stdout only where messages do not come over it. */
  readonly onPrinted?: ((line: string) => void) | undefined;
}

/** Time for a child to remove its files and to close its browser after it is asked to end. */
const graceMs = 2000;
/** Time for the child's last output to arrive after its end; longer only if another process keeps its pipes open. */
const lastOutputMs = 500;
/** How many lines `onPrinted` receives. */
const maxPrinted = 200;
/** The longest line of a program of ours, and of one that is not, in bytes. */
const maxLine = { ours: 2 ** 29, foreign: 2 ** 20 };
/** What is kept of a line that is printed, in bytes. */
const maxPrintedLine = 4000;
/** The end of stderr that is kept, in characters. */
const maxKept = 4000;

const alive = new Set<ChildServer>();
/** Those of children that have ended too, until they are removed. */
const folders = new Set<string>();
process.on('exit', () => {
  for (const server of alive) server.abandon();
  for (const folder of folders) removeQuietly(folder);
});

/**
 * A child process that answers one message at a time. After a crash, a timeout or `end` it is over: start another.
 * It leads a process group, so that whatever it started ends with it, and Ctrl-C reaches us alone. With a folder, what
 * left the group ends too: see `endMarked`.
 */
export class ChildServer {
  readonly #program: ChildProgram;
  readonly #child: ChildProcess;
  readonly #scratch: string | null;
  readonly #gone: Promise<void>;
  #callOff: () => void = () => undefined;
  #kept = '';
  #lastLine = '';
  #over: TouchstoneError | null = null;
  #unasked: TouchstoneError | null = null;
  #waiting: ((result: { readonly answer: unknown } | TouchstoneError) => void) | null = null;

  constructor(program: ChildProgram) {
    this.#program = program;
    const { command, args, env, transport, scratch, isForeign = false } = program;
    this.#scratch = scratch === undefined ? null : fs.mkdtempSync(join(tmpdir(), scratch));
    if (this.#scratch !== null) folders.add(this.#scratch);
    const temporary = this.#scratch && { TMPDIR: this.#scratch, TEMP: this.#scratch, TMP: this.#scratch };
    const ours = this.#scratch === null || isForeign ? [] : [String(process.pid), this.#scratch];
    this.#child = spawn(command, [...args, ...ours], {
      // For programs in other languages, which end with us as ours do by `endWithParent`.
      env: { ...process.env, ...env, ...temporary, TOUCHSTONE_PARENT: String(process.pid) },
      serialization: 'advanced',
      detached: process.platform !== 'win32',
      stdio: transport === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : 'pipe',
    });
    alive.add(this);
    const { pid } = this.#child;
    if (isForeign && this.#scratch !== null && pid !== undefined) this.#callOff = killAfterUs(pid, this.#scratch);
    this.#listen();
    this.#gone = this.#end();
  }

  /** Its folder, if it has one. */
  get scratch(): string | null {
    return this.#scratch;
  }

  /** The line of the last answer, cleaned and cut. */
  get lastLine(): string {
    return plainText(this.#lastLine, 200);
  }

  get ended(): boolean {
    return this.#over !== null;
  }

  /** The answer to `message`. @throws `timeout` and `process-crashed`, after which the server has ended */
  ask(message: unknown, deadlineMs: number): Promise<unknown> {
    const answer = this.hear(deadlineMs);
    try {
      if (!this.ended) this.#send(message);
    } catch (error) {
      const why = `${this.#program.name} cannot be asked: ${plainText((error as Error).message)}`;
      this.#waiting?.(new TouchstoneError('internal', why));
    }
    return answer;
  }

  /** The next message of the child, such as that it is ready. Errors as of `ask`. */
  hear(deadlineMs: number): Promise<unknown> {
    if (this.#over !== null) return Promise.reject(this.#over);
    return new Promise((resolve, reject) => {
      const cancel = afterTimeout(deadlineMs, () => {
        const why = `no answer within ${deadlineMs / 1000} s; ${this.#program.name} was ended${this.#lastWords()}`;
        void this.end(new TouchstoneError('timeout', why));
      });
      this.#waiting = (result) => {
        cancel();
        this.#waiting = null;
        if (result instanceof TouchstoneError) reject(result);
        else resolve(result.answer);
      };
    });
  }

  /**
   * Resolves when the process, its group and its folder are gone; a pending `ask` is rejected with `why`. Without a
   * reason, a program that reads lines may end by itself when its input does.
   */
  async end(why?: TouchstoneError): Promise<void> {
    const isIdle = this.#waiting === null;
    this.#fail(why ?? new TouchstoneError('process-crashed', `${this.#program.name} was ended`));
    if (alive.has(this)) {
      if (why === undefined && isIdle && this.#program.transport === 'lines') this.#child.stdin?.end();
      else this.#signal('SIGTERM');
      const timer = setTimeout(() => this.#signal('SIGKILL'), graceMs);
      void this.#gone.then(() => clearTimeout(timer));
    }
    return this.#gone;
  }

  /**
   * After its last answer: reads until its output ends.
   * @throws `port-error` where a program that is not ours wrote anything that was not asked for
   */
  async finish(): Promise<void> {
    await this.end();
    if (this.#unasked !== null) throw this.#unasked;
  }

  /** For the end of our own process, which cannot wait. A child of ours with a folder removes it itself. */
  abandon(): void {
    this.#signal(this.#program.isForeign ? 'SIGKILL' : 'SIGTERM');
    if (this.#program.isForeign && this.#scratch !== null) endMarked(fs, this.#scratch);
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    stderr?.on('data', (bytes: Buffer) => (this.#kept = (this.#kept + bytes.toString('utf8')).slice(-maxKept)));
    // As in `#send`.
    stdin?.on('error', () => undefined);
    this.#child.on('message', (answer) => this.#waiting?.({ answer }));
    const { transport, onPrinted } = this.#program;
    if (onPrinted) {
      let lines = 0;
      const hear = (line: Buffer): void => {
        if (++lines <= maxPrinted) onPrinted(plainText(line.toString(), 500));
        else if (lines === maxPrinted + 1) onPrinted('… more is not shown');
      };
      for (const pipe of transport === 'ipc' ? [stdout, stderr] : [stderr])
        if (pipe) readLines(pipe, maxPrintedLine, hear);
    }
    if (transport === 'ipc') stdout?.resume();
    else if (stdout !== null) {
      const limit = this.#program.isForeign ? maxLine.foreign : maxLine.ours;
      readLines(stdout, limit, (line, end) => this.#receiveLine(line, end));
    }
  }

  #receiveLine(line: Buffer, end: LineEnd): void {
    const isUnasked = this.#waiting === null && this.#program.isForeign === true;
    // It ended while it wrote this line, which its end reports.
    if (!isUnasked && (this.ended || end === 'stream')) return;
    const text = line.subarray(0, 2000).toString();
    if (this.#waiting !== null) this.#lastLine = text;
    const [answer, fault] = end === 'limit' ? [undefined, `is longer than ${line.length} bytes`] : understood(line);
    if (fault === null && !isUnasked) return this.#waiting?.({ answer });
    const what = fault ?? 'was not asked for';
    const why = `a line of ${this.#program.name} ${what}: ${plainText(text, 100)}`;
    const error = new TouchstoneError('port-error', why);
    if (isUnasked) this.#unasked ??= error;
    void this.end(error);
    // What else it prints is not read.
    this.#child.stdout?.destroy();
  }

  #send(message: unknown): void {
    if (this.#program.transport === 'lines') this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
    // It fails where the child has ended and we do not know yet: its end reports how, or the deadline does.
    else this.#child.send(message as object, () => undefined);
  }

  #fail(why: TouchstoneError): void {
    this.#over ??= why;
    this.#waiting?.(why);
  }

  /** Follows the process to its end. */
  async #end(): Promise<void> {
    const child = this.#child;
    // Never emitted while a process outside the group holds a pipe; emitted at once if all pipes are closed already.
    const closed = new Promise((resolve) => child.once('close', resolve));
    const how = await new Promise<string>((resolve) => {
      child.on('error', ({ message }) => {
        if (child.pid === undefined) resolve(`cannot be started: ${plainText(message)}`);
      });
      child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `status ${code}`}`));
    });
    this.#signal('SIGKILL');
    if (this.#scratch !== null) endMarked(fs, this.#scratch);
    alive.delete(this);
    this.#callOff();
    if (child.pid !== undefined) await withinTime(lastOutputMs, closed);
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    void this.end(new TouchstoneError('process-crashed', `${this.#program.name} ${how}${this.#lastWords()}`));
    if (this.#scratch === null) return;
    await rm(this.#scratch, removal).catch(() => undefined);
    folders.delete(this.#scratch);
  }

  /** To the child and all processes that it started and that still run. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || !alive.has(this)) return;
    try {
      if (process.platform === 'win32') this.#child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // None is left.
    }
  }

  #lastWords(): string {
    const said = lastWords(this.#kept);
    return said === '' ? '' : `; it printed: ${said}`;
  }
}

/** The value of a line, or what is wrong with it. */
function understood(line: Buffer): [value: unknown, fault: string | null] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(line);
    try {
      return [JSON.parse(text), null];
    } catch {
      return [undefined, 'is not JSON'];
    }
  } catch {
    return [undefined, 'is not UTF-8'];
  }
}

/**
 * Runs `act` unless cancelled. A late event loop runs timers first, so messages that have arrived are handled before
 * `act`.
 */
function afterTimeout(milliseconds: number, act: () => void): () => void {
  let isCancelled = false;
  const timer = setTimeout(() => setImmediate(() => void (isCancelled || act())), milliseconds);
  return () => {
    isCancelled = true;
    clearTimeout(timer);
  };
}

/** Resolves at `event`, or when the time is over. */
async function withinTime(milliseconds: number, event: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = afterTimeout(milliseconds, resolve);
    void event.then(() => {
      cancel();
      resolve();
    });
  });
}
