/**
 * How numbers are drawn. `exact`: small multiples of powers of two, with many zeros and repetitions. A shallow network
 * then computes without rounding, and a tie or a zero is one on every engine. `rough`: normal, rounded to float32.
 */
export type Numbers = 'exact' | 'rough';
