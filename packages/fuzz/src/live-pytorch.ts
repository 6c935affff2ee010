/** A live PyTorch: `python -m touchstone_golden.explain_server` as a child process that explains random networks. */
import {
  parse,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Stages,
  type Target,
} from '@touchstone/contract';
import { ChildServer } from '@touchstone/system';
import { z } from 'zod';

/** A method on a network, all of it as data. */
export interface PyTorchRequest {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** [N,C,H,W] */
  readonly x: HostTensor;
  readonly target: Target;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Time limits for its start, and for each batch. */
  readonly milliseconds?: { readonly start: number; readonly batch: number };
}

/** What PyTorch answers in float64, or the reason why it does not. */
export type PyTorchAnswer = { readonly stages: Stages } | { readonly error: string };

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

const hint = 'Run "python -m touchstone_golden.explain_server" in tools/golden by hand to see its messages.';

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

  /** In their order. A request on which the child crashes or hangs gets an `error`, and the child is restarted. */
  async explain(requests: readonly PyTorchRequest[]): Promise<PyTorchAnswer[]> {
    try {
      return await this.#ask(requests);
    } catch (error) {
      if (!(error instanceof TouchstoneError)) throw error;
      if (requests.length === 1) return [{ error: error.message }];
    }
    const answers: PyTorchAnswer[] = [];
    for (const request of requests) answers.push(...(await this.explain([request])));
    return answers;
  }

  async #ask(requests: readonly PyTorchRequest[]): Promise<PyTorchAnswer[]> {
    this.#server ??= await startServer(this.#command);
    const first = this.#sent;
    this.#sent += requests.length;
    const sent = requests.map((request, i) => ({ seq: first + i, ...plain(request) }));
    try {
      const answer = await this.#server.child.ask(sent, deadlines(this.#command).batch);
      const replies = new Map(understand(Replies, answer).map((reply) => [reply.seq, reply]));
      return sent.map(({ seq }) => answerOf(replies.get(seq), seq));
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

function answerOf(reply: z.infer<typeof Reply> | undefined, seq: number): PyTorchAnswer {
  if (reply === undefined) throw new TouchstoneError('process-crashed', `PyTorch did not answer request ${seq}`, hint);
  return 'error' in reply ? { error: reply.error } : { stages: Object.fromEntries(reply.stages) };
}

function plain({ weights, x, fixtures, ...rest }: PyTorchRequest): Record<string, unknown> {
  return { ...rest, weights: plainTensors(weights), x: plainTensor(x), fixtures: plainTensors(fixtures) };
}

function plainTensors(tensors: PyTorchRequest['weights']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, plainTensor(tensor)]));
}

function plainTensor({ shape, data }: HostTensor): { shape: readonly number[]; data: number[] } {
  return { shape, data: [...data] };
}
