/** A live PyTorch: `python -m touchstone_golden.hook_server` as a child process that runs programs. */
import { parse, TouchstoneError, type HostTensor, type Stages } from '@touchstone/contract';
import { ChildServer } from '@touchstone/system';
import { z } from 'zod';
import type { HookScene } from './scene.js';

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Time limits for its start, and for each batch. */
  readonly milliseconds?: { readonly start: number; readonly batch: number };
}

/** The trace of one program, or the reason why there is none. */
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
const Replies = z.array(Reply);

const hint = 'Run "python -m touchstone_golden.hook_server" in tools/golden by hand to see its messages.';

/** PyTorch's process and version. */
interface Server {
  readonly child: ChildServer;
  readonly torch: string;
}

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
    live.#server = await startServer(command);
    return live;
  }

  /** PyTorch's version. */
  get torch(): string {
    return this.#server?.torch ?? 'none';
  }

  /** One trace per scene. A scene on which the child crashes or hangs gets an `error`, and the child is restarted. */
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
    this.#server ??= await startServer(this.#command);
    const first = this.#sent;
    this.#sent += scenes.length;
    const requests = scenes.map((scene, i) => ({ seq: first + i, ...request(scene) }));
    try {
      const answer = await this.#server.child.ask(requests, deadlines(this.#command).batch);
      const replies = new Map(understand(Replies, answer).map((reply) => [reply.seq, reply]));
      return requests.map(({ seq }) => traceOf(replies.get(seq), seq));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the child; a later request starts a new one. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.child.end();
  }
}

async function startServer(program: ServerCommand): Promise<Server> {
  const { command, args, env = {} } = program;
  const child = new ChildServer({ name: `PyTorch in ${command}`, command, args, env, transport: 'lines' });
  try {
    const { torch } = understand(Ready, await child.hear(deadlines(program).start));
    return { child, torch };
  } catch (error) {
    await child.end();
    throw new TouchstoneError('backend-unavailable', (error as Error).message, hint);
  }
}

function deadlines({ milliseconds = { start: 60_000, batch: 60_000 } }: ServerCommand): {
  readonly start: number;
  readonly batch: number;
} {
  return milliseconds;
}

function understand<T>(schema: z.ZodType<T>, answer: unknown): T {
  return parse(schema, answer, "PyTorch's answer, which does not follow the protocol", 'process-crashed');
}

function traceOf(reply: z.infer<typeof Reply> | undefined, seq: number): PyTorchTrace {
  if (reply === undefined) throw new TouchstoneError('process-crashed', `PyTorch did not answer program ${seq}`, hint);
  return 'error' in reply ? { error: reply.error } : { stages: Object.fromEntries(reply.stages) };
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
