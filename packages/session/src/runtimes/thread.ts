import { Worker } from 'node:worker_threads';
import { TouchstoneError, messageOf } from '@touchstone/contract';
import type { Reply, Request } from '../protocol.js';
import type { Channel } from './channel.js';

/** The bundle of thread-program.ts, also where this file runs from src. */
const threadProgram = new URL('../../dist/runtimes/thread-bundle.js', import.meta.url);

/** To a thread of this process with an engine of its own; requests may be sent ahead, and are answered in order. */
export class ThreadChannel implements Channel {
  readonly runtime = 'thread';
  readonly #worker: Worker;
  readonly #asked: ((reply: Reply | TouchstoneError) => void)[] = [];
  #ended: TouchstoneError | undefined;

  constructor(program = threadProgram) {
    this.#worker = new Worker(program, { execArgv: [] });
    this.#worker.on('message', (reply: Reply) => this.#asked.shift()?.(reply));
    this.#worker.on('error', (error) => this.#end(`: ${messageOf(error)}`));
    this.#worker.on('exit', (status) => this.#end(` with status ${status}`));
  }

  /** Requests that it has not answered. */
  get load(): number {
    return this.#asked.length;
  }

  /** Rejects with `process-crashed` once the thread has ended. */
  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return void reject(this.#ended);
      this.#worker.postMessage(request, []); // first: a request that cannot be sent has no reply to wait for
      this.#asked.push((reply) => (reply instanceof TouchstoneError ? reject(reply) : resolve(reply)));
    });
  }

  /** Gives back its memory, whatever it is doing. */
  async close(): Promise<void> {
    this.#end(' because the pool was closed');
    await this.#worker.terminate();
  }

  #end(why: string): void {
    this.#ended ??= new TouchstoneError(
      'process-crashed',
      `a thread of the pool ended${why}`,
      'Try --workers 1, which needs less memory.',
    );
    for (const settle of this.#asked.splice(0)) settle(this.#ended);
  }
}
