import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';

const MiB = 2 ** 20;

/** The largest files that are read, in bytes: checked before anything is allocated. */
export const maxBytes = {
  json: 64 * MiB,
  image: 64 * MiB,
  tensors: 512 * MiB,
  weights: 2040 * MiB,
  /** Hundreds of thousands of outcomes; a longer text is longer than a string may be. */
  results: 500 * MiB,
} as const;

const checkPath = 'Check the path of the file.';

/**
 * Opens a regular file of at most `limit` bytes; the caller closes it. Anything else is an error with `code`, at once:
 * O_NONBLOCK keeps a FIFO without a writer from blocking the process.
 */
export function openBounded(
  path: string,
  limit: number,
  code: ErrorCode,
  hint = checkPath,
): { fd: number; size: number } {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // Windows has no O_NONBLOCK
  } catch (error) {
    throw new TouchstoneError(code, `${path}: ${reasonOf(error)}`, hint);
  }
  try {
    const stat = fstatSync(fd);
    check(path, stat, limit, code, hint);
    return { fd, size: stat.size };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The content of a regular file of at most `limit` bytes; anything else is an error with `code`. */
export function readBounded(path: string, limit: number, code: ErrorCode, hint = checkPath): Uint8Array {
  const { fd, size } = openBounded(path, limit, code, hint);
  try {
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    for (let count = -1; filled < size && count !== 0; filled += count)
      count = readSync(fd, bytes, filled, size - filled, filled);
    return bytes.subarray(0, filled);
  } catch (error) {
    throw new TouchstoneError(code, `${path}: ${reasonOf(error)}`, hint);
  } finally {
    closeSync(fd);
  }
}

/** A whole UTF-8 text file. */
export function readText(path: string, code: ErrorCode, hint = checkPath, limit: number = maxBytes.json): string {
  const bytes = readBounded(path, limit, code, hint);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TouchstoneError(code, `${path} is not UTF-8 text`, hint);
  }
}

/** The path of a regular file of at most `limit` bytes, for another reader; anything else is an error with `code`. */
export function checkFile(path: string, limit: number, code: ErrorCode, hint = checkPath): string {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch (error) {
    throw new TouchstoneError(code, `${path}: ${reasonOf(error)}`, hint);
  }
  check(path, stat, limit, code, hint);
  return path;
}

function check(path: string, stat: Stats, limit: number, code: ErrorCode, hint: string): void {
  if (!stat.isFile()) throw new TouchstoneError(code, `${path} is ${kindOf(stat)}`, hint);
  if (stat.size > limit)
    throw new TouchstoneError(code, `${path} has ${stat.size} bytes; at most ${limit} are read`, hint);
}

/** What a path is instead of a regular file, to follow "is". */
export function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return 'not a file, but a folder';
  if (stat.isFIFO()) return 'not a file, but a FIFO';
  return stat.isSocket() ? 'not a file, but a socket' : 'not a file, but a device';
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  return code === 'ENXIO' ? 'not a file, but a socket or a device' : message;
}
