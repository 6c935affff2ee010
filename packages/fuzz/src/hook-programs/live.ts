/** A live PyTorch: `python -m touchstone_golden.hook_server` as a child process that runs programs. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';
import { TouchstoneError, type HostTensor, type Stages } from '@touchstone/contract';
import { z } from 'zod';
import type { HookScene } from './scene.js';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** For its start, and for each batch. */
  readonly milliseconds?: { readonly start: number; readonly batch: number };
}

/** The trace of one program, or why there is none. */
export type PyTorchTrace = { readonly stages: Stages } | { readonly error: string };

const Ready = z.object({ ready: z.literal(true), torch: z.string() });
const Tensor = z
  .object({ shape: z.array(z.number().int().min(0)).max(8), data: z.array(z.number()) })
  .refine(({ shape, data }) => shape.reduce((a, b) => a * b, 1) === data.length, 'as many values as the shape says')
  .transform(({ shape, data }): HostTensor => ({ shape, data: Float64Array.from(data) }));
const Reply = z.union([
  z.object({ seq: z.number().int(), stages: z.array(z.tuple([z.string(), Tensor])) }),
  z.object({ seq: z.number().int(), error: z.string() }),
]);
const Line = z.union([Reply.transform((reply) => [reply]), z.array(Reply)]);

const hint =
  'The child is "python -m touchstone_golden.hook_server" in tools/golden; start it by hand to see what it says.';

export class LivePyTorch {
  readonly #command: ServerCommand;
  #server: Server | null = null;
  #sent = 0;

  private constructor(command: ServerCommand) {
    this.#command = command;
  }

  /** @throws TouchstoneError `backend-unavailable` when it does not become ready */
  static async start(command: ServerCommand): Promise<LivePyTorch> {
    const live = new LivePyTorch(command);
    live.#server = await Server.start(command);
    return live;
  }

  /** PyTorch's version. */
  get torch(): string {
    return this.#server?.torch ?? 'none';
  }

  /** One trace per scene. A scene on which the child crashes or hangs gets an `error`; the child is started again. */
  async traces(scenes: readonly HookScene[]): Promise<PyTorchTrace[]> {
    try {
      return await this.#ask(scenes);
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      if (scenes.length === 1) return [{ error: error.message }];
    }
    const traces: PyTorchTrace[] = [];
    for (const scene of scenes) traces.push(...(await this.traces([scene])));
    return traces;
  }

  async #ask(scenes: readonly HookScene[]): Promise<PyTorchTrace[]> {
    this.#server ??= await Server.start(this.#command);
    const first = this.#sent;
    this.#sent += scenes.length;
    try {
      const replies = await this.#server.ask(scenes.map((scene, i) => ({ seq: first + i, ...request(scene) })));
      return scenes.map((_, i) => replies.get(first + i)!);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the child; the next request would start another. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.end();
  }
}

function request({ description, weights, x, target, program }: HookScene): Record<string, unknown> {
  const plain = ({ shape, data }: HostTensor) => ({ shape, data: [...data] });
  return {
    description,
    weights: Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, plain(tensor)])),
    x: plain(x),
    target,
    program,
  };
}

/** One child process. What it prints is read line by line; whoever waits for lines hears of its end too. */
class Server {
  torch = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #milliseconds: { start: number; batch: number };
  readonly #ended: Promise<void>;
  readonly #kill = (): void => void this.#child.kill('SIGKILL');
  #stderr = '';
  #fault: string | null = null;
  #onLine: (line: string) => void = () => undefined;
  #onFault: (fault: string) => void = () => undefined;

  private constructor({ command, args, env = {}, milliseconds = { start: 60_000, batch: 60_000 } }: ServerCommand) {
    this.#milliseconds = milliseconds;
    this.#child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    process.once('exit', this.#kill);
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => this.#onLine(line));
    this.#child.stderr.on('data', (text: Buffer) => (this.#stderr = (this.#stderr + text.toString()).slice(-2000)));
    // A child that is gone does not read what is written to it; its end is reported below.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const end = (fault: string): void => {
        process.off('exit', this.#kill);
        this.#fail(fault);
        resolve();
      };
      this.#child.on('error', (error) => end(`${command} cannot be started: ${error.message}`));
      this.#child.on('close', (status, signal) =>
        end(`PyTorch's process ended (${signal ?? `status ${status}`})${this.#said()}`),
      );
    });
  }

  static async start(command: ServerCommand): Promise<Server> {
    const server = new Server(command);
    try {
      await server.#hear('start', 'become ready', (line) => {
        server.torch = Ready.parse(JSON.parse(line)).torch;
        return true;
      });
      return server;
    } catch (error) {
      await server.end();
      throw new TouchstoneError('backend-unavailable', (error as Error).message, hint);
    }
  }

  /** seq → trace. */
  async ask(requests: readonly { readonly seq: number }[]): Promise<Map<number, PyTorchTrace>> {
    const replies = new Map<number, PyTorchTrace>();
    const answered = this.#hear('batch', `answer ${requests.length} programs`, (line) => {
      for (const reply of Line.parse(JSON.parse(line))) {
        replies.set(
          reply.seq,
          'error' in reply ? { error: reply.error } : { stages: Object.fromEntries(reply.stages) },
        );
      }
      return requests.every(({ seq }) => replies.has(seq));
    });
    this.#child.stdin.write(`${JSON.stringify(requests)}\n`);
    await answered;
    return replies;
  }

  async end(): Promise<void> {
    this.#kill();
    await this.#ended;
  }

  /** Until `take` says that a line was the last. */
  async #hear(phase: 'start' | 'batch', what: string, take: (line: string) => boolean): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (code: 'process-crashed' | 'timeout', message: string): void =>
          reject(new TouchstoneError(code, message, hint));
        this.#onFault = (fault) => fail('process-crashed', fault);
        if (this.#fault !== null) return this.#onFault(this.#fault);
        timer = setTimeout(
          () =>
            fail(
              'timeout',
              `PyTorch's process did not ${what} within ${this.#milliseconds[phase] / 1000} s${this.#said()}`,
            ),
          this.#milliseconds[phase],
        );
        this.#onLine = (line) => {
          try {
            if (take(line)) resolve();
          } catch (error) {
            fail(
              'process-crashed',
              `PyTorch's process answered ${JSON.stringify(line.slice(0, 100))}, which is not of the protocol: ${(error as Error).message.slice(0, 300)}`,
            );
          }
        };
      });
    } finally {
      clearTimeout(timer);
      this.#onLine = () => undefined;
    }
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
    this.#onFault(this.#fault);
  }

  /** The last of its stderr. */
  #said(): string {
    const last = this.#stderr.trim().split('\n').slice(-3).join(' | ');
    return last === '' ? '' : `: ${last}`;
  }
}
