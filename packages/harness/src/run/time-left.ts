/** Estimates how long a verification still takes. */

/** The weight of the estimate, in seconds of measurement. */
const trustSeconds = 5;

export class TimeLeft {
  readonly #total: number;
  readonly #parallel: number;
  readonly #start = performance.now();
  #done = 0;

  /** @param total seconds of all cases one after the other; @param parallel how many run at the same time */
  constructor(total: number, parallel: number) {
    this.#total = total;
    this.#parallel = parallel;
  }

  /** Counts a case that has ended, by its estimated seconds. */
  add(seconds: number): void {
    this.#done += seconds;
  }

  /** In seconds: from the estimate at first, increasingly from what was measured. */
  seconds(now = performance.now()): number {
    const measured = (now - this.#start) / 1000;
    const speed = (this.#done + trustSeconds * this.#parallel) / (measured + trustSeconds);
    return Math.max(0, this.#total - this.#done) / speed;
  }
}
