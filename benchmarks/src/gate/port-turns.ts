/** One method's quick case by a port, ready to run repeatedly. */
import { resolve } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { commandOf, openPortSession } from '@touchstone/harness';
import { openSession, type Answered, type ExplainRequest, type Session } from '@touchstone/session';
import { quickRequest } from '../methods/quick-case.js';
import { timed, type Turns } from './timed.js';

/**
 * A module runs in this process, whose processor time is measured. A command has a process of its own, so that only its
 * wall time is known: of the first of the two runs that every case has.
 *
 * @throws TouchstoneError `unknown-name`, `unsupported`, `port-error`
 */
export async function openPortTurns(method: string, port: string, golden: string): Promise<Turns> {
  const request = quickRequest(golden, method);
  const isCommand = commandOf(port) !== null;
  const session = isCommand ? await openPortSession(port, {}) : await openSession({ module: resolve(port) });
  const turn = async () => {
    let answer: Answered | undefined;
    const time = await timed(async () => (answer = await answered(session, request)));
    if (!isCommand) return time;
    return { milliseconds: answer!.milliseconds ?? time.milliseconds, processorMilliseconds: null };
  };
  return { turn, stop: () => session.close() };
}

async function answered(session: Pick<Session, 'explain'>, request: ExplainRequest): Promise<Answered> {
  const answer = await session.explain(request);
  if (answer.kind === 'answered') return answer;
  const code = answer.kind === 'skipped' ? 'unsupported' : answer.code;
  throw new TouchstoneError(code, `${request.method}: ${answer.reason}`);
}
