/**
 * How numbers are drawn. `exact`: small multiples of powers of two, with many zeros and repetitions, so that a
 * shallow network computes without any rounding and a tie or a zero is one on every engine. `rough`: normal, rounded
 * to float32.
 */
export type Numbers = 'exact' | 'rough';
