import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { removal } from './removal.js';

/**
 * The other side of a `ChildServer` with a folder: this process removes that folder at its end and ends with
 * its parent, however that ends and whatever is running here. To be called first; what `parent` and `scratch`
 * are, the arguments say.
 *
 * Returns how to exit: with the folder removed after all other listeners of 'exit' have run, for until playwright's has
 * ended the browser that writes there.
 */
export function endWithParent(parent: number, scratch: string): (status: number) => never {
  watch(parent, scratch);
  let isOrphan = false;
  const clean = (): void => {
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
 * A parent that is killed cannot tell us, and a port may be deep in a loop: a thread looks. The parent's id comes from
 * itself, for by the time this is read it may have gone.
 */
function watch(parent: number, scratch: string): void {
  const program = `
    const { rmSync } = require('node:fs');
    setInterval(() => {
      if (process.ppid === ${parent}) return;
      try { rmSync(${JSON.stringify(scratch)}, ${JSON.stringify(removal)}); } catch {}
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

function removeQuietly(folder: string): void {
  try {
    rmSync(folder, removal);
  } catch {
    // The parent, if there still is one, tries again.
  }
}
