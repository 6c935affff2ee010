/** What runs in a child process: one backend, or one port that is a module. Started by child.ts. */
import { writeSync } from 'node:fs';
import { messageOf } from '@touchstone/contract';
import { endWithParent } from '@touchstone/system';
import type { Reply, Request, Subject } from '../protocol.js';
import { errored } from '../serve/errored.js';
import type { Channel } from './channel.js';
import type { Numbered, NumberedReply } from './child.js';
import { openLocal, type LocalOptions } from './local.js';

export { ownMemory, type PeakMemory } from '../peak-memory.js';
export { BackendEngine } from '../serve/backend-engine.js';

/** Answers the session that started this process. Called once by the child's program, before anything else. */
export function serveChild(options: LocalOptions = {}): void {
  const [parent, scratch] = process.argv.slice(2);
  const exit = endWithParent(Number(parent), scratch!);
  // Whoever would read the words may be gone: writing them must not keep this process from ending in order.
  const crash = (words: string): never => {
    try {
      writeSync(2, `${words}\n`);
    } catch {
      // Nothing reads them.
    }
    return exit(1);
  };
  // Ctrl-C may reach this process too; what that ends, the parent decides.
  process.on('SIGINT', () => undefined);
  process.on('uncaughtException', (error) => crash(`uncaught: ${messageOf(error)}`));

  // Kept, so that a port that replaces it does not replace ours.
  const send = process.send?.bind(process) as (reply: NumberedReply) => boolean;
  const answer = answersTo(options);
  process.on('message', ({ seq, request }: Numbered) => {
    answer(request).then(
      (reply) => send({ seq, reply }),
      (error: unknown) => crash(messageOf(error)),
    );
  });
}

/** Rejects where nothing more can be asked here. */
function answersTo(options: LocalOptions): (request: Request) => Promise<Reply> {
  let channel: Channel | undefined;
  const open = async (subject: Subject): Promise<Reply> => {
    try {
      const opened = await openLocal(subject, options);
      channel = opened.channel;
      return { kind: 'opened', value: opened.info };
    } catch (error) {
      return errored(error);
    }
  };
  return async (request) => {
    if (request.kind === 'open') return open(request.subject);
    if (channel === undefined) throw new Error('a session was asked before it was opened');
    return channel.ask(request);
  };
}
