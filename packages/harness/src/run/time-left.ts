/** Estimates how long a verification still takes. */

/** The weight of the estimate, in seconds of measurement: of one that was measured, and of a guess. */
const trustSeconds = 5;
const trustInGuess = 0.5;

export class TimeLeft {
  readonly #total: number;
  readonly #parallel: number;
  readonly #trust: number;
  readonly #start = performance.now();
  #done = 0;

  /** @param total seconds of all cases one after the other; @param parallel how many run at the same time */
  constructor(total: number, parallel: number, isKnown = true) {
    this.#total = total;
    this.#parallel = parallel;
    this.#trust = isKnown ? trustSeconds : trustInGuess;
  }

  /** Counts a case that has ended, by its estimated seconds. */
  add(seconds: number): void {
    this.#done += seconds;
  }

  /** In seconds: from the estimate at first, increasingly from what was measured. */
  seconds(now = performance.now()): number {
    const measured = (now - this.#start) / 1000;
    const speed = (this.#done + this.#trust * this.#parallel) / (measured + this.#trust);
    return Math.max(0, this.#total - this.#done) / speed;
  }
}
