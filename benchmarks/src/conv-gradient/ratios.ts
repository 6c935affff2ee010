import { spreadOf, type Spread } from '../rounds.js';

export interface Ratios {
  readonly ours: Spread;
  readonly stock: Spread;
  /** Stock divided by ours, round by round. */
  readonly ratio: Spread;
  /** The same after subtracting the round's forward pass, which is common to both. */
  readonly ratioWithoutForward: Spread;
}

/** @param rounds milliseconds of ours, stock and the forward pass alone, a row per round */
export function ratiosOf(rounds: readonly (readonly number[])[]): Ratios {
  const of = (value: (ours: number, stock: number, forward: number) => number): Spread =>
    spreadOf(rounds.map(([ours, stock, forward]) => value(ours!, stock!, forward!)));
  return {
    ours: of((ours) => ours),
    stock: of((_ours, stock) => stock),
    ratio: of((ours, stock) => stock / ours),
    ratioWithoutForward: of((ours, stock, forward) => (stock - forward) / (ours - forward)),
  };
}
