/** What a program of the gate times: a turn, by both clocks of its process. */

export interface Time {
  readonly milliseconds: number;
  /** Of all threads; null: not known, as in a page. */
  readonly processorMilliseconds: number | null;
}

export interface Turns {
  readonly turn: () => Promise<Time>;
  readonly stop: () => Promise<void>;
}

/** By both clocks of this process. */
export async function timed(run: () => unknown): Promise<Time> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { milliseconds: performance.now() - start, processorMilliseconds: (user + system) / 1000 };
}
