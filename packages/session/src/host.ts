import { messageOf } from '@touchstone/contract';
/** The program of a child process that runs cases: one backend, or one port that is a module. Started by engine.ts. */
import { writeSync } from 'node:fs';
import { findBackend, registerStockGradients, type Home } from '@touchstone/backends';
import { endWithParent } from '@touchstone/system';
import { answerer, type Answerer } from './answerer.js';
import { readNetworkFolder } from './network-folder.js';
import { openInPage, type InHome } from './page-home.js';
import { ownMemory } from './peak-memory.js';
import type { Reply, Request } from './protocol.js';
import { threw } from './run-job.js';
import { serveBackend } from './served-backend.js';
import { serveModule } from './served-module.js';
import { openWorkerPool } from './worker-pool/worker-pool.js';

const [parent, scratch] = process.argv.slice(2);
const exit = endWithParent(Number(parent), scratch!);

// Ctrl-C may reach this process too; what that ends, the parent decides.
process.on('SIGINT', () => undefined);
process.on('uncaughtException', (error) => crash(`uncaught: ${messageOf(error)}`));

const send = process.send?.bind(process) as (reply: Reply) => boolean;

const inProcess = answerer({
  open: (serves) =>
    'backend' in serves
      ? serveBackend(findBackend(serves.backend), async (folder) => readNetworkFolder(folder))
      : serveModule(serves.module),
  register: registerStockGradients,
  openWorkerPool,
  memory: ownMemory,
  processorMilliseconds: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
let answer: Answerer = inProcess;

process.on('message', (request: Request) => {
  (request.kind === 'open' ? open(request) : answer(request)).then(send, (error: unknown) => crash(messageOf(error)));
});

/** Whoever would read the words may be gone: writing them must not keep this process from ending in order. */
function crash(words: string): never {
  try {
    writeSync(2, `${words}\n`);
  } catch {
    // Nobody reads.
  }
  return exit(1);
}

/** In the first home where the backend is available on what it is made for, else in the first where it is at all. */
async function open(request: Extract<Request, { kind: 'open' }>): Promise<Reply> {
  const reasons: string[] = [];
  let second: InHome | undefined;
  try {
    const { serves } = request;
    const homes: readonly Home[] = 'backend' in serves ? findBackend(serves.backend).homes : ['process'];
    for (const home of homes) {
      const found: InHome =
        home === 'page'
          ? await openInPage(request)
          : { reply: await inProcess(request), answer: inProcess, close: null };
      if (found.reply.kind === 'unavailable')
        reasons.push(homes.length === 1 ? found.reply.reason : `in a ${home}: ${found.reply.reason}`);
      else if (found.reply.kind === 'ready' && found.reply.softwareRenderer && second === undefined) second = found;
      else if (found.reply.kind === 'ready' && found.reply.softwareRenderer) await found.close?.();
      else {
        await second?.close?.();
        return take(found);
      }
    }
  } catch (error) {
    return threw(0, error);
  }
  return second === undefined ? { kind: 'unavailable', reason: reasons.join('; ') } : take(second);
}

function take(found: InHome): Reply {
  answer = found.answer;
  return found.reply;
}
