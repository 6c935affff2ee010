import type { Port } from '../port/port.js';
import type { Semaphore } from './semaphore.js';

/**
 * A second process pays when the first has worked for longer than this, in milliseconds: it takes
 * about a second to start.
 */
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

/**
 * Runs every case once on an open port. Where that takes long and a slot is free, a second process of the port joins
 * after the first case; whichever is free takes the next.
 */
export async function scheduleCases<T>(
  port: Port,
  slots: Semaphore,
  { count, judge, tell, signal }: Work<T>,
): Promise<void> {
  let next = 0;
  const takeOne = async (engine: Port, use: Semaphore['use']): Promise<boolean> => {
    const taken = await use(async () => {
      if (next === count) return null;
      const index = next++;
      return { index, judged: await judge(engine, index) };
    });
    if (taken === null || signal?.aborted) return false;
    await tell(taken.judged, taken.index);
    return true;
  };
  const takeAll = async (engine: Port, use: Semaphore['use']): Promise<void> => {
    while (await takeOne(engine, use));
  };
  const inTurn: Semaphore['use'] = (piece) => slots.use(piece);
  const toSpare: Semaphore['use'] = (piece) => slots.runSpare(piece);

  const start = performance.now();
  if (!(await takeOne(port, inTurn))) return;
  const first = takeAll(port, inTurn);
  await Promise.race([
    first,
    new Promise((resolve) => setTimeout(resolve, headStart - (performance.now() - start)).unref()),
  ]);
  const second = next < count ? port.another() : null;
  if (second === null) return first;
  const help = async (): Promise<void> => {
    // One that does not open leaves the work to the first.
    const opened = await toSpare(async () => (next < count ? second.open().catch(() => null) : null));
    if (opened?.kind === 'ready') await takeAll(second, toSpare);
  };
  try {
    await Promise.all([first, help()]);
  } finally {
    second.stop();
  }
}
