import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Draws after which every bit of the state depends on the seed. */
const warmUp = 20;

/**
 * Numbers from a seed, the same on every machine; a name gives each tensor its own stream of one seed. For tests, laws
 * and statistics: weights that a golden rests on are drawn by Philox, and SmoothGrad's noise by a generator of its own.
 */
export class Random {
  readonly #generator;

  /** @param seed a 32-bit integer */
  constructor(seed: number, stream = '') {
    let state = seed | 0;
    for (const letter of stream) state = Math.imul(state ^ letter.codePointAt(0)!, 0x01_00_01_93);
    this.#generator = xoroshiro128plus(mixed(state));
    for (let i = 0; i < warmUp; i++) this.#generator.next();
  }

  /** In [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** Standard normal, by Box and Muller; a float32. */
  normal(): number {
    return Math.fround(Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform()));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length - 1)]!;
  }
}

/** The finaliser of MurmurHash3: xoroshiro128+ is linear, and neighbouring seeds would have related first numbers. */
function mixed(state: number): number {
  state = Math.imul(state ^ (state >>> 16), 0x85_eb_ca_6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2_b2_ae_35);
  return state ^ (state >>> 16);
}
