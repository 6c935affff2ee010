import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';
import { readText } from './read.js';
import { about, makeFolder, writeWhole } from './write.js';

/** Another process holds the lock only while it replaces the file. */
const tries = 200;
const waitMs = 50;

/** The file is replaced, completely or not at all, and two processes that append at once both succeed. */
export function appendLine(file: string, line: string, code: ErrorCode): void {
  makeFolder(dirname(file));
  const lock = `${file}.lock`;
  closeSync(take(lock));
  try {
    const before = existsSync(file) ? readText(file, code) : '';
    writeWhole(file, before + line);
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): number {
  for (let i = 0; ; i++) {
    try {
      return openSync(lock, 'wx');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw about(lock, error);
    }
    if (i === tries)
      throw new TouchstoneError(
        'machine',
        `${lock} exists: another process is writing, or was killed while it wrote`,
        'Remove this file if no other process is running.',
      );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  }
}
