import { Worker } from 'node:worker_threads';
import { isErrorCode, TouchstoneError, type Stages, messageOf } from '@touchstone/contract';
import type { Answer, InitMessage, Question } from './messages.js';

/** The compiled program, also where this file runs from src. */
const threadProgram = new URL('../../dist/worker-pool/thread.js', import.meta.url);

/** One thread with an engine; it answers in the order in which it is asked. */
export class PoolWorker {
  readonly #worker: Worker;
  readonly #asked: ((answer: Answer | TouchstoneError) => void)[] = [];
  #ended: TouchstoneError | undefined;

  constructor(program = threadProgram) {
    this.#worker = new Worker(program, { execArgv: [] });
    this.#worker.on('message', (answer: Answer) => this.#asked.shift()?.(answer));
    this.#worker.on('error', (error) => this.#end(`: ${messageOf(error)}`));
    this.#worker.on('exit', (status) => this.#end(` with status ${status}`));
  }

  /** Questions that it has not answered. */
  get load(): number {
    return this.#asked.length;
  }

  /** Opens its engine and loads the network. Errors are those of both, or `process-crashed`. */
  async join(joining: InitMessage): Promise<void> {
    await this.#next(() => this.#worker.postMessage(joining, []));
  }

  /** Errors are those of `explain`, or `process-crashed` after which it has ended. */
  async ask(question: Question): Promise<Stages> {
    const answer = await this.#next(() => this.#worker.postMessage(question, []));
    if (answer.kind !== 'stages')
      throw new TouchstoneError('internal', 'a thread of the pool answered something that was not asked');
    return answer.stages;
  }

  /** Gives back its memory, whatever it is doing. */
  async close(): Promise<void> {
    this.#end(' because the pool was closed');
    await this.#worker.terminate();
  }

  #next(ask: () => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return void reject(this.#ended);
      ask(); // first: a question that cannot be sent has no answer to wait for
      this.#asked.push((answer) => {
        if (answer instanceof TouchstoneError) reject(answer);
        else if (answer.kind === 'threw')
          reject(new TouchstoneError(isErrorCode(answer.code) ? answer.code : 'internal', answer.message, answer.hint));
        else resolve(answer);
      });
    });
  }

  #end(why: string): void {
    this.#ended ??= new TouchstoneError(
      'process-crashed',
      `a thread of the pool ended${why}`,
      'It may have been too little memory: try again with --workers 1.',
    );
    for (const settle of this.#asked.splice(0)) settle(this.#ended);
  }
}
