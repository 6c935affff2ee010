import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { about, makeFolder } from './write.js';

/** Takeovers of a lock that another process may have taken over first. */
const maxTries = 3;

/**
 * Takes `path`, a file with this process's id, until the returned function is called or the process ends. The lock of a
 * process that is gone is taken over. @param what is locked, for the error, and the hint for it
 * @throws TouchstoneError `bad-input` where another run has it
 */
export function lock(path: string, what: string, hint: string): () => void {
  makeFolder(dirname(path));
  for (let tries = 1; !isTaken(path); tries++) {
    const holder = holderOf(path);
    if (holder === null) continue;
    if (tries > maxTries || isRunning(holder))
      throw new TouchstoneError(
        'bad-input',
        `${what} is in use by another run${Number.isNaN(holder) ? '' : `, process ${holder}`}`,
        `${hint} If nothing runs, remove ${path}.`,
      );
    rmSync(path, { force: true });
  }
  const release = (): void => rmSync(path, { force: true });
  process.once('exit', release);
  return () => {
    process.off('exit', release);
    release();
  };
}

function isTaken(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw about(path, error);
  }
  try {
    writeSync(file, `${process.pid}\n`);
    return true;
  } catch (error) {
    rmSync(path, { force: true }); // on a full disk
    throw about(path, error);
  } finally {
    closeSync(file);
  }
}

/** NaN: it does not say; null: it is gone. */
function holderOf(path: string): number | null {
  try {
    const text = readFileSync(path, 'utf8');
    return /^\d{1,10}\n$/.test(text) ? Number(text) : NaN;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw about(path, error);
  }
}

/** A process of another user counts, and a holder that is not known. */
function isRunning(pid: number): boolean {
  if (Number.isNaN(pid) || pid === 0) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
