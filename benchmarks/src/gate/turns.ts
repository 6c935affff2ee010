/** One method's quick case, ready to run repeatedly. Without a child process, which would double the start time. */
import { fileURLToPath } from 'node:url';
import { quickRequest } from '../methods/quick-case.js';
import { TimedSession } from '../timed-session.js';
import type { Turns } from './timed.js';

const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const deadlineMs = 60_000;

/** @throws TouchstoneError `unknown-name`, `backend-unavailable`, `unsupported` */
export async function openTurns(method: string, id: string): Promise<Turns> {
  const request = quickRequest(golden, method);
  const session = await TimedSession.open(id, { deadlineMs, here: true });
  return { turn: () => session.time(request, 'ours'), stop: () => session.close() };
}
