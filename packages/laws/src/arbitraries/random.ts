/** Numbers from a seed: the same seed gives the same numbers on every machine, and a name gives each tensor its own stream. */

/**
 * How numbers are drawn. `exact`: small multiples of powers of two, with many zeros and repetitions, so that a shallow
 * network computes without any rounding and a tie or a zero is one on every engine. `rough`: normal, rounded to float32.
 */
export type Numbers = 'exact' | 'rough';

export class Random {
  #state: number;

  constructor(seed: number, stream = '') {
    this.#state = seed | 0;
    for (const letter of stream) this.#state = Math.imul(this.#state ^ letter.codePointAt(0)!, 0x01_00_01_93);
    this.uniform();
  }

  /** In [0,1); mulberry32. */
  uniform(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Standard normal, by Box and Muller; a float32. */
  normal(): number {
    return Math.fround(Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform()));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }
}
