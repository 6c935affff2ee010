/** Child processes of the benchmarks: PyTorch's program and the gate's units. They report errors as `{"error": …}`. */
import { parse, TouchstoneError } from '@touchstone/contract';
import { ChildServer, type ChildProgram } from '@touchstone/system';
import { z } from 'zod';

export type ServerProgram = Omit<ChildProgram, 'transport' | 'scratch'>;

const Problem = z.object({ error: z.string().max(10_000), code: z.string().max(100).optional() });
const startMs = 120_000;

export class LineServer {
  readonly #child: ChildServer;
  readonly #name: string;

  private constructor(program: ServerProgram) {
    this.#child = new ChildServer({ ...program, transport: 'lines' });
    this.#name = program.name;
  }

  /**
   * Waits for its first line, which `schema` describes.
   * @throws TouchstoneError `process-crashed`, `timeout`; `port-error` with the error that the program reports
   */
  static async start<T>(
    program: ServerProgram,
    schema: z.ZodType<T>,
  ): Promise<{ readonly server: LineServer; readonly ready: T }> {
    const server = new LineServer(program);
    try {
      return { server, ready: server.#read(await server.#child.hear(startMs), schema) };
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  /** One question at a time. @throws TouchstoneError as `start` */
  async ask<T>(request: object, schema: z.ZodType<T>, deadlineMs: number): Promise<T> {
    return this.#read(await this.#child.ask(request, deadlineMs), schema);
  }

  end(): Promise<void> {
    return this.#child.end();
  }

  #read<T>(answer: unknown, schema: z.ZodType<T>): T {
    const problem = Problem.safeParse(answer);
    if (problem.success) throw new TouchstoneError('port-error', `${this.#name}: ${problem.data.error}`);
    return parse(schema, answer, `a line of ${this.#name}`, 'port-error');
  }
}
