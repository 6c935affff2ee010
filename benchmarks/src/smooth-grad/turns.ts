import type { BestRow } from '../benchmark.js';

/** What is measured in turn with the best batch size, and the figures made of the times. */
export interface Turns {
  /** Milliseconds. */
  readonly turns: readonly (() => Promise<number>)[];
  /** @param faster for each turn how many times as fast as the best batch size it was, round by round */
  readonly figures: (faster: readonly (readonly number[])[]) => Partial<BestRow>;
}
