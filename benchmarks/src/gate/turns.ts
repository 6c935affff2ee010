/** One method's quick case, ready to run repeatedly. Without a child process, which would double the start time. */
import { fileURLToPath } from 'node:url';
import { quickRequest } from '../methods/quick-case.js';
import { TimedSession } from '../timed-session.js';

export interface Time {
  readonly milliseconds: number;
  /** Of all threads; null: not known, as in a page. */
  readonly processorMilliseconds: number | null;
}

export interface Turns {
  readonly turn: () => Promise<Time>;
  readonly stop: () => Promise<void>;
}

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const deadlineMs = 60_000;

/** @throws TouchstoneError `unknown-name`, `backend-unavailable`, `unsupported` */
export async function openTurns(method: string, id: string): Promise<Turns> {
  const request = quickRequest(golden, method);
  const session = await TimedSession.open(id, { deadlineMs, here: true });
  return { turn: () => session.time(request, 'ours'), stop: () => session.close() };
}

/** By both clocks of this process. */
export async function timed(run: () => unknown): Promise<Time> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { milliseconds: performance.now() - start, processorMilliseconds: (user + system) / 1000 };
}
