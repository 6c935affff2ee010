import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import { TouchstoneError } from '@touchstone/contract';
import { kindOf } from './read.js';

/**
 * Writes a file completely or not at all, also if the machine crashes: into a temporary file in the same folder,
 * flushed to the disk, then renamed. Creates the folder.
 * @throws TouchstoneError `bad-input` for a folder, device, FIFO or socket, which the rename would replace
 */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const present = statSync(path, { throwIfNoEntry: false });
  if (present && !present.isFile())
    throw new TouchstoneError('bad-input', `${path} is ${kindOf(present)}`, 'Give the path of a file.');
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}-${threadId}.tmp`;
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
