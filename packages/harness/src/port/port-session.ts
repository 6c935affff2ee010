import { TouchstoneError } from '@touchstone/contract';
import { openChildSession, type ChildOptions, type Session } from '@touchstone/session';
import { moduleAt } from './module-port.js';
import { foreignPort } from './foreign-port.js';
import { commandOf } from './process/process-port.js';

/** A port that answers any request, not only those of cases. */
export type PortSession = Pick<Session, 'info' | 'explain' | 'close'>;

/** Limit for one run of a port that is a process, in milliseconds. */
const deadlineMs = 60_000;

/** @throws TouchstoneError as the port's `open`; `close` throws `port-error` for a port that broke the rules */
export async function openPortSession(
  port: string,
  { signal, onPrinted }: Pick<ChildOptions, 'signal' | 'onPrinted'>,
): Promise<PortSession> {
  if (commandOf(port) === null) return openChildSession(moduleAt(port), { signal, onPrinted });
  const opened = foreignPort(port, { deadlineMs, signal, onPrinted });
  const info = await opened.open();
  if (info.kind !== 'ready') throw new TouchstoneError('internal', 'a port is never unavailable');
  return {
    info: { ...info, methods: [...(info.methods ?? [])] },
    explain: (request) => opened.explain(request),
    close: async () => {
      const fault = signal?.aborted ? null : await opened.finish();
      opened.stop();
      if (fault !== null) throw new TouchstoneError('port-error', `${opened.id}: ${fault}`);
    },
  };
}
