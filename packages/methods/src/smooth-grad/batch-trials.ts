import type { KnownBatch } from '../batching.js';

/** A size that is faster by less than this is not worth its memory. */
const worth = 0.97;
/** A size that is so much slower ends the search. With less a machine that is busy for two short passes would end it. */
const hopeless = 1.5;
/** Sizes in a row without a gain that end the search. */
const maxMisses = 2;

/**
 * Looks for the batch size with the most samples per second, by passes that count: 1, 2, 4, … as long as it gets faster.
 * One sample before them warms up. A pass that brings no gain is repeated once: it may have compiled a shader, or the
 * machine was busy; so the fastest of a size's passes counts.
 */
export class BatchTrials {
  readonly #most: number;
  readonly #times = new Map<number, number>();
  #size: number;
  #isWarm = false;
  #passes = 0;
  #misses = 0;
  #settled: boolean;

  /** @param most the largest size that fits into memory, at least 1 */
  constructor(known: KnownBatch | undefined, most: number) {
    this.#most = most;
    this.#size = Math.min(known?.batch ?? 1, most);
    this.#settled = known?.settled ?? false;
  }

  /** The size to try next; null: there is no more to learn. */
  get next(): number | null {
    if (this.#settled) return null;
    return this.#isWarm ? this.#size : 1;
  }

  /** The smallest size that is as good as the fastest, as far as is known. */
  get result(): KnownBatch {
    const fastest = Math.min(...this.#times.values());
    const batch = [...this.#times].find(([, time]) => time * worth <= fastest)?.[0] ?? this.#size;
    return { batch, settled: this.#settled };
  }

  /** What one pass of the size `next` took for each sample. */
  took(milliseconds: number): void {
    if (!this.#isWarm) return void (this.#isWarm = true);
    const smaller = Math.min(...[...this.#times].flatMap(([size, time]) => (size < this.#size ? [time] : [])));
    const time = Math.min(milliseconds, this.#times.get(this.#size) ?? Infinity);
    this.#times.set(this.#size, time);
    const isFirst = this.#times.size === 1;
    const gained = !isFirst && time <= smaller * worth;
    if (++this.#passes === 1 && !gained && !isFirst) return;
    this.#misses = gained || isFirst ? 0 : this.#misses + 1;
    this.#settled = this.#misses === maxMisses || time > smaller * hopeless || this.#size * 2 > this.#most;
    if (this.#settled) return;
    this.#size *= 2;
    this.#passes = 0;
  }
}
