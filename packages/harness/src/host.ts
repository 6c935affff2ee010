/** The program of a child process that runs cases: one backend, or one port that is a module. Started by engine.ts. */
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { TouchstoneError } from '@touchstone/contract';
import { messageOf } from './plain-text.js';
import type { Reply, Request, Serves } from './protocol.js';
import { runJob, threw } from './run-job.js';
import { serveBackend } from './served-backend.js';
import { serveModule } from './served-module.js';
import type { Ready } from './served.js';

// A parent that is killed cannot tell us, and a port may be deep in a loop: a thread watches. The parent's id comes from
// itself, for by the time this is read it may have gone.
new Worker(
  `setInterval(() => { if (process.ppid !== ${Number(process.argv[2])}) process.kill(process.pid, 'SIGKILL'); }, 500);`,
  { eval: true },
).unref();
process.on('disconnect', () => process.exit(0));
process.on('uncaughtException', (error) => {
  writeSync(2, `uncaught: ${messageOf(error)}\n`);
  process.exit(1);
});

let served: Ready | undefined;
const send = process.send?.bind(process) as (reply: Reply) => boolean;

process.on('message', (request: Request) => {
  void answer(request).then((reply) => send(reply));
});

async function answer(request: Request): Promise<Reply> {
  if (request.kind === 'open') return open(request.serves);
  if (served === undefined) return threw(request.seq, new TouchstoneError('internal', 'the host was asked to run before it was opened'));
  return runJob(served, request);
}

async function open(serves: Serves): Promise<Reply> {
  try {
    const opened = 'backend' in serves ? await serveBackend(serves.backend) : await serveModule(serves.module);
    if (opened.kind === 'unavailable') return opened;
    served = opened;
    const { kind, name, version, device, precision } = opened;
    return { kind, name, version, device, precision };
  } catch (error) {
    return threw(0, error);
  }
}
