import { createHash } from 'node:crypto';
import {
  openSync,
  closeSync,
  fstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';

const MiB = 2 ** 20;

/** The largest files that are read, in bytes: checked before anything is allocated. */
export const maxBytes = {
  json: 64 * MiB,
  tensors: 512 * MiB,
  weights: 2040 * MiB,
} as const;

/** The whole of a regular file of at most `limit` bytes, else an error with `code`. */
export function readBounded(path: string, limit: number, code: ErrorCode, hint?: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new TouchstoneError(code, `${path}: ${reasonOf(error)}`, hint);
  }
  try {
    check(path, fstatSync(file), limit, code, hint);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** The path of a regular file of at most `limit` bytes, for somebody else to read; else an error with `code`. */
export function checkFile(path: string, limit: number, code: ErrorCode, hint?: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new TouchstoneError(code, `${path}: no such file`, hint);
  check(path, stat, limit, code, hint);
  return path;
}

function check(path: string, stat: Stats, limit: number, code: ErrorCode, hint: string | undefined): void {
  if (!stat.isFile()) throw new TouchstoneError(code, `${path} is not a file`, hint);
  if (stat.size > limit)
    throw new TouchstoneError(code, `${path} has ${stat.size} bytes; at most ${limit} are read`, hint);
}

/** A whole UTF-8 text file. */
export function readText(path: string, code: ErrorCode, hint?: string): string {
  const bytes = readBounded(path, maxBytes.json, code, hint);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TouchstoneError(code, `${path} is not UTF-8 text`, hint);
  }
}

/** `path` below `root`; a path that is absolute or leaves `root` is an error with `code`. */
export function below(root: string, path: string, code: ErrorCode): string {
  const whole = resolve(root, path);
  const back = relative(root, whole);
  if (isAbsolute(path) || path.includes('\0') || back === '' || back.startsWith('..') || isAbsolute(back)) {
    throw new TouchstoneError(
      code,
      `"${path}" leaves its folder ${root}`,
      'use a path inside the folder, without ".."',
    );
  }
  return whole;
}

/** Written beside and renamed, so that a reader never sees half a file. */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, content);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : (error as Error).message;
}
