/** The program of a thread of a pool. Started by thread.ts. */
import { parentPort, type MessagePort } from 'node:worker_threads';
import { findBackend, registerStockGradients } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import type { Reply, Request } from '../protocol.js';
import { BackendEngine } from '../serve/backend-engine.js';
import type { Context } from '../serve/context.js';
import { dispatcher } from '../serve/dispatch.js';
import { errored } from '../serve/errored.js';

const unavailable = (what: string) => () =>
  Promise.reject(new TouchstoneError('unsupported', `a thread has no ${what}`));

const threadContext: Context = {
  open: async (subject) =>
    'backend' in subject
      ? BackendEngine.open(findBackend(subject.backend), {
          read: unavailable('files'),
          registerStockGradients,
          openWorkerPool: unavailable('threads'),
        })
      : unavailable('ports')(),
  // A thread's memory is part of its process's.
  memory: { forget: () => undefined, peak: () => null },
};

const port = parentPort as MessagePort;
const dispatch = dispatcher(threadContext);

// An engine does one thing at a time.
let last: Promise<void> = Promise.resolve();
port.on(
  'message',
  (request: Request) =>
    void (last = last
      .then(() => dispatch(request))
      .catch(errored)
      .then(send)),
);

/** Buffers change hands; they are not copied. */
function send(reply: Reply): void {
  const given =
    reply.kind === 'answered' ? Object.values(reply.stages).map(({ data }) => data.buffer as ArrayBuffer) : [];
  port.postMessage(reply, given);
}
