/**
 * At most `count` tasks at a time; the longest-waiting is next, so that many tasks of one kind do not delay the others.
 * Spare work runs when no other work waits.
 */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #spare: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  use<T>(work: () => Promise<T>): Promise<T> {
    return this.#use(work, this.#waiting);
  }

  runSpare<T>(work: () => Promise<T>): Promise<T> {
    return this.#use(work, this.#spare);
  }

  async #use<T>(work: () => Promise<T>, queue: (() => void)[]): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift() ?? this.#spare.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
