/** A child process that answers one line of JSON for each line of JSON: PyTorch's program, and the units of the gate. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseJson, TouchstoneError } from '@touchstone/contract';
import { z } from 'zod';

export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** In errors: "PyTorch's program". */
  readonly name: string;
}

const Problem = z.object({ error: z.string().max(10_000), code: z.string().max(100).optional() });
const startMs = 120_000;

export class LineServer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  readonly #closed: Promise<void>;
  #stderr = '';
  #ended: TouchstoneError | undefined;
  #settle: ((line: string | TouchstoneError) => void) | undefined;

  private constructor({ command, args, env = {}, name }: ServerProgram) {
    this.#name = name;
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    process.once('exit', this.#kill);
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#settle?.(line));
    this.#child.stderr.on('data', (text: Buffer) => (this.#stderr = (this.#stderr + text.toString()).slice(-2000)));
    // A child that is gone does not read what is written to it; its end is told below.
    this.#child.stdin.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      const end = (why: string): void => {
        process.off('exit', this.#kill);
        this.#ended ??= new TouchstoneError('process-crashed', `${name} ${why}`);
        this.#settle?.(this.#ended);
        resolve();
      };
      this.#child.on('error', (error) => end(`cannot be started: ${error.message}`));
      this.#child.on('close', (status, signal) =>
        end(`ended with ${signal ?? `status ${status}`}${this.#lastWords()}`),
      );
    });
  }

  /**
   * Waits for its first line, which `schema` describes.
   * @throws TouchstoneError `process-crashed`, `timeout`; or what the program itself says is wrong
   */
  static async start<T>(
    program: ServerProgram,
    schema: z.ZodType<T>,
  ): Promise<{ readonly server: LineServer; readonly ready: T }> {
    const server = new LineServer(program);
    try {
      return { server, ready: await server.#hear(schema, startMs) };
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  /** One question at a time. Errors as of `start`; `port-error` where the program says what was wrong with the question. */
  async ask<T>(request: object, schema: z.ZodType<T>, deadlineMs: number): Promise<T> {
    const answer = this.#hear(schema, deadlineMs);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer;
  }

  async end(): Promise<void> {
    this.#ended ??= new TouchstoneError('process-crashed', `${this.#name} was ended`);
    this.#child.stdin.end();
    const timer = setTimeout(this.#kill, 1000);
    await this.#closed;
    clearTimeout(timer);
  }

  async #hear<T>(schema: z.ZodType<T>, deadlineMs: number): Promise<T> {
    if (this.#ended) throw this.#ended;
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#ended = new TouchstoneError(
          'timeout',
          `${this.#name} did not answer within ${deadlineMs / 1000} s${this.#lastWords()}`,
        );
        this.#kill();
        reject(this.#ended);
      }, deadlineMs);
      this.#settle = (result) => {
        clearTimeout(timer);
        this.#settle = undefined;
        if (result instanceof TouchstoneError) reject(result);
        else resolve(result);
      };
    });
    const answer = parseJson(line, z.unknown(), `a line of ${this.#name}`, 'port-error');
    const problem = Problem.safeParse(answer);
    if (problem.success) throw new TouchstoneError('port-error', `${this.#name}: ${problem.data.error}`);
    return parseJson(line, schema, `a line of ${this.#name}`, 'port-error');
  }

  #lastWords(): string {
    const said = this.#stderr.trim().slice(-400);
    return said === '' ? '' : `; it printed: ${said}`;
  }
}
