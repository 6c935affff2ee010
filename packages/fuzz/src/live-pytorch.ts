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

/** After so many requests in a row without an answer PyTorch is given up. */
const maxUnanswered = 2;

export class LivePyTorch {
  readonly #command: ServerCommand;
  #child: ChildServer | null = null;
  #torch = 'none';
  #sent = 0;
  #unanswered = 0;
  #isClosed = false;

  private constructor(command: ServerCommand) {
    this.#command = command;
  }

  /**
   * @param signal closes it, also while it starts
   * @throws TouchstoneError `backend-unavailable` when it does not become ready
   */
  static async start(command: ServerCommand, signal?: AbortSignal): Promise<LivePyTorch> {
    const live = new LivePyTorch(command);
    signal?.addEventListener('abort', () => void live.close(), { once: true });
    await live.#start();
    return live;
  }

  /** PyTorch's version. */
  get torch(): string {
    return this.#torch;
  }

  /**
   * In their order. A request on which the child crashes or hangs gets an `error`, and the child is restarted.
   *
   * @throws TouchstoneError `process-crashed` where that happens on two requests in a row, or after `close`
   */
  async explain(requests: readonly PyTorchRequest[]): Promise<PyTorchAnswer[]> {
    try {
      const answers = await this.#ask(requests);
      this.#unanswered = 0;
      return answers;
    } catch (error) {
      if (!(error instanceof TouchstoneError) || this.#isClosed) throw error;
      if (requests.length === 1 && ++this.#unanswered >= maxUnanswered)
        throw new TouchstoneError('process-crashed', `PyTorch is given up: ${error.message}`, hint);
      if (requests.length === 1) return [{ error: error.message }];
    }
    const answers: PyTorchAnswer[] = [];
    for (const request of requests) answers.push(...(await this.explain([request])));
    return answers;
  }

  async #ask(requests: readonly PyTorchRequest[]): Promise<PyTorchAnswer[]> {
    const child = this.#child ?? (await this.#start());
    const first = this.#sent;
    this.#sent += requests.length;
    const sent = requests.map((request, i) => ({ seq: first + i, ...plain(request) }));
    try {
      const answer = await child.ask(sent, deadlines(this.#command).batch);
      const replies = new Map(understand(Replies, answer).map((reply) => [reply.seq, reply]));
      return sent.map(({ seq }) => answerOf(replies.get(seq), seq));
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #start(): Promise<ChildServer> {
    if (this.#isClosed) throw new TouchstoneError('process-crashed', 'PyTorch was ended');
    const { command, args, env = {} } = this.#command;
    const child = new ChildServer({ name: `PyTorch in ${command}`, command, args, env, transport: 'lines' });
    this.#child = child;
    try {
      this.#torch = understand(Ready, await child.hear(deadlines(this.#command).start)).torch;
      return child;
    } catch (error) {
      await this.#end();
      throw new TouchstoneError('backend-unavailable', (error as Error).message, hint);
    }
  }

  /** Ends the child; a later request starts a new one. */
  async #end(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await child?.end();
  }

  /** Ends the child, for ever. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
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
