import * as fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import { endMarked } from './end-marked.js';
import { removal, removeQuietly } from './removal.js';

/**
 * The child's side of a `ChildServer` with a folder: this process removes that folder at its end, and ends with its
 * parent, however that ends and whatever is running here. To be called first, with the last two arguments of the
 * process.
 *
 * Returns how to exit. The folder is removed after all other listeners of 'exit', because playwright's ends the browser
 * that writes there.
 */
export function endWithParent(parent: number, scratch: string): (status: number) => never {
  watch(parent, scratch);
  let isOrphan = false;
  const clean = (): void => {
    // Also after SIGTERM, which an ending parent sends and does not wait for.
    endMarked(fs, scratch);
    removeQuietly(scratch);
    if (isOrphan) killGroup();
  };
  process.on('exit', clean);
  const exit = (status: number): never => {
    process.off('exit', clean).on('exit', clean);
    return process.exit(status);
  };
  process.on('disconnect', () => {
    isOrphan = true;
    exit(0);
  });
  process.on('SIGTERM', () => exit(143));
  return exit;
}

/**
 * A killed parent cannot tell us, and a port may block this thread, so a worker thread watches. The id is the parent's
 * own, because by now it may already have ended.
 */
function watch(parent: number, scratch: string): void {
  const program = `
    const fs = require('node:fs');
    const endMarked = ${endMarked.toString()};
    setInterval(() => {
      if (process.ppid === ${parent}) return;
      try { endMarked(fs, ${JSON.stringify(scratch)}); } catch {}
      try { fs.rmSync(${JSON.stringify(scratch)}, ${JSON.stringify(removal)}); } catch {}
      try { process.kill(-process.pid, 'SIGKILL'); } catch { process.kill(process.pid, 'SIGKILL'); }
    }, 500);`;
  new Worker(program, { eval: true, execArgv: [] }).unref();
}

/** What a port has started, and this process. */
function killGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // This process leads no group.
  }
}
