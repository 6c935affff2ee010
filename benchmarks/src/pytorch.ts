import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pythonPath } from '@touchstone/system';
import { z } from 'zod';
import { LineServer } from './line-server.js';

const program = fileURLToPath(new URL('../pytorch/speed_server.py', import.meta.url));
const tools = fileURLToPath(new URL('../../tools/python', import.meta.url));

const Ready = z.object({
  ready: z.literal(true),
  torch: z.string().max(100),
  captum: z.string().max(100).nullable(),
  device: z.string().max(200),
});
const Loaded = z.object({ loaded: z.literal(true) });
const Timed = z.object({ milliseconds: z.number().positive(), values: z.array(z.number()).nullable().optional() });

export interface SaliencyQuestion {
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly class: number;
  /** Whether the values are returned. */
  readonly answer: boolean;
}

export interface SmoothGradQuestion extends SaliencyQuestion {
  readonly samples: number;
  readonly batch: number;
  readonly fraction: number;
  /** [samples, …], or drawn by PyTorch. */
  readonly noise: readonly number[] | null;
}

/** PyTorch in a separate process, with as many threads as there are cores. */
export class PyTorch {
  readonly torch: string;
  readonly captum: string | null;
  /** Such as "cuda, 16 threads". */
  readonly device: string;
  readonly #server: LineServer;

  private constructor(server: LineServer, { torch, captum, device }: z.infer<typeof Ready>) {
    this.#server = server;
    this.torch = torch;
    this.captum = captum;
    this.device = device;
  }

  /** @throws TouchstoneError `process-crashed` where there is no such Python, or no PyTorch in it */
  static async start(python: string, device: string): Promise<PyTorch> {
    const { server, ready } = await LineServer.start(
      {
        command: python,
        args: [program, device, String(availableParallelism())],
        env: pythonPath(tools),
        name: "PyTorch's program",
      },
      Ready,
    );
    return new PyTorch(server, ready);
  }

  async load(folder: string, deadlineMs: number): Promise<void> {
    await this.#server.ask({ run: 'load', folder }, Loaded, deadlineMs);
  }

  time(
    by: 'smooth-grad' | 'channels-last' | 'captum',
    question: SmoothGradQuestion,
    deadlineMs: number,
  ): Promise<z.infer<typeof Timed>> {
    return this.#server.ask({ run: by, ...question }, Timed, deadlineMs);
  }

  saliency(question: SaliencyQuestion, deadlineMs: number): Promise<z.infer<typeof Timed>> {
    return this.#server.ask({ run: 'saliency', ...question }, Timed, deadlineMs);
  }

  async product(size: number, deadlineMs: number): Promise<number> {
    return (await this.#server.ask({ run: 'product', size }, Timed, deadlineMs)).milliseconds;
  }

  end(): Promise<void> {
    return this.#server.end();
  }
}
