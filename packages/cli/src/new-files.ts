/** Files that are written where there are none yet. */
import { closeSync, lstatSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { counted, TouchstoneError } from '@touchstone/contract';
import { about, makeFolder } from '@touchstone/system';
import { print } from './output.js';

/**
 * Writes all files or none, and says which.
 *
 * @param files path in the folder → content
 * @throws TouchstoneError `bad-input` where one of them exists, or would be written through a link
 */
export function writeNewFiles(folder: string, files: ReadonlyMap<string, string | Buffer>): void {
  if (/\p{Cc}/u.test(folder))
    throw new TouchstoneError(
      'bad-input',
      `${JSON.stringify(folder)} has control characters, which no printed command can hold`,
      'Choose another folder.',
    );
  const names = [...files.keys()];
  const taken = names.filter((file) => kindAt(join(folder, file)) !== null);
  if (taken.length > 0)
    throw new TouchstoneError(
      'bad-input',
      `${folder} has ${taken.join(', ')} already`,
      'Choose another folder: nothing is overwritten.',
    );
  const link = names.flatMap(foldersOf).find((each) => kindAt(join(folder, each)) === 'link');
  if (link !== undefined)
    throw new TouchstoneError(
      'bad-input',
      `${join(folder, link)} is a link, and files would be written where it leads`,
      'Choose another folder: nothing is written outside of it.',
    );
  writeAll(folder, files);
  print(`${counted(names.length, 'file')} written to ${folder}: ${names.join(', ')}`);
}

/** Not followed where it is a link. */
function kindAt(path: string): 'link' | 'other' | null {
  try {
    return lstatSync(path).isSymbolicLink() ? 'link' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Those that a relative path leads through. */
function foldersOf(file: string): string[] {
  const parent = dirname(file);
  return parent === '.' ? [] : [...foldersOf(parent), parent];
}

/** Each is new, also where another program writes there at the same time. */
function writeAll(folder: string, contents: ReadonlyMap<string, string | Buffer>): void {
  const written: string[] = [];
  try {
    for (const [file, content] of contents) {
      const path = join(folder, file);
      makeFolder(dirname(path));
      const opened = openSync(path, 'wx');
      written.push(path);
      try {
        writeFileSync(opened, content, { flush: true });
      } catch (error) {
        throw about(path, error);
      } finally {
        closeSync(opened);
      }
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
}
