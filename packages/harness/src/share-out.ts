import { setTimeout } from 'node:timers/promises';
import type { Port } from './port.js';
import type { Slots } from './slots.js';

/** An engine takes about a second to start: one more is worth it where the first has been at work for longer, in milliseconds. */
const headStart = 3000;

export interface Work<T> {
  /** How many cases there are. */
  readonly count: number;
  /** Done in a slot. */
  readonly judge: (engine: Port, index: number) => Promise<T>;
  /** Done after it, before the engine goes on to its next case. */
  readonly tell: (judged: T, index: number) => Promise<void>;
  readonly signal: AbortSignal | undefined;
}

/** Every case once, by an open port; where that takes long, and a slot is to spare, by another engine of the port too. Whichever is free takes the next case. */
export async function shareOut<T>(port: Port, slots: Slots, { count, judge, tell, signal }: Work<T>): Promise<void> {
  let next = 0;
  const work = async (engine: Port, use: Slots['use']): Promise<void> => {
    while (!signal?.aborted) {
      const taken = await use(async () => {
        if (next === count) return null;
        const index = next++;
        return { index, judged: await judge(engine, index) };
      });
      if (taken === null || signal?.aborted) return;
      await tell(taken.judged, taken.index);
    }
  };
  const first = work(port, (piece) => slots.use(piece));
  await Promise.race([first, setTimeout(headStart, undefined, { ref: false })]);
  const second = next < count ? port.another() : null;
  if (second === null) return first;
  const help = async (use: Slots['use']): Promise<void> => {
    // One that does not open leaves the work to the first.
    const opened = await use(async () => (next < count ? second.open().catch(() => null) : null));
    if (opened?.kind === 'ready') await work(second, use);
  };
  try {
    await Promise.all([first, help((piece) => slots.useSpare(piece))]);
  } finally {
    second.stop();
  }
}
