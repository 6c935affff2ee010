import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { TouchstoneError } from '@touchstone/contract';
import { kindOf } from './read.js';

/**
 * Writes a file whole or not at all, also when the machine goes down: into a temporary file in the same folder, flushed
 * to the disk, then renamed. Creates the folder.
 * @throws TouchstoneError `bad-input` for a folder, device, FIFO or socket, which the rename would replace; what the
 * system reports, with `path`
 */
export function writeWhole(path: string, content: Uint8Array | string): void {
  refuseOthers(path);
  makeFolder(dirname(path));
  const temporary = temporaryOf(path);
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw about(path, error);
  }
}

/**
 * For a file that is written after a long run: fails before it where `writeWhole` would fail after it. Writes nothing.
 * @throws as `writeWhole`
 */
export function checkWritable(path: string): void {
  refuseOthers(path);
  refuseLongName(path);
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  accessSync(folder, constants.W_OK);
}

/** An error of the system about `path`, which errors of an open file do not name. */
export function about(path: string, error: unknown): unknown {
  return error instanceof Error && 'code' in error && !(error instanceof TouchstoneError)
    ? Object.assign(error, { path })
    : error;
}

/** `mkdirSync` with `recursive` does not return for a folder below /proc. */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder || existsSync(dirname(folder))) throw error;
    makeFolder(dirname(folder));
    makeFolder(folder);
  }
}

function temporaryOf(path: string): string {
  return `${path}.${process.pid}-${threadId}.tmp`;
}

/** The system refuses the name of the temporary file already where it is asked for. */
function refuseLongName(path: string): void {
  try {
    statSync(temporaryOf(path), { throwIfNoEntry: false });
  } catch (error) {
    throw about(path, error);
  }
}

function refuseOthers(path: string): void {
  const present = statSync(path, { throwIfNoEntry: false });
  if (present && !present.isFile())
    throw new TouchstoneError('bad-input', `${path} is ${kindOf(present)}`, 'Give the path of a file.');
}
