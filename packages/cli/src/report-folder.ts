/** The folder of `verify --report`: of one run at a time, in which nothing but Touchstone's own files is replaced. */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFiles, TouchstoneError } from '@touchstone/contract';
import { checkWritable, lock } from '@touchstone/system';
import { shownFile } from './shown-images.js';

const isResults = /^\{"kind":"header","version":\d+,"touchstone":/;
/** File → how it begins, or what is among its first bytes, if Touchstone wrote it. */
const own: Readonly<Record<string, RegExp>> = {
  [resultsFiles.whole]: isResults,
  [resultsFiles.partial]: isResults,
  'index.html': /<meta name="generator" content="Touchstone" \/>|<title>Touchstone: results<\/title>/,
};
const firstBytes = 2000;

export class ReportFolder {
  readonly #folder: string;
  #release: (() => void) | null = null;

  /** Writes nothing. @throws TouchstoneError `bad-input` for a file of others; as `checkWritable` */
  constructor(folder: string) {
    this.#folder = folder;
    for (const [name, marker] of Object.entries(own))
      checkReplaceable(join(folder, name), { marker, hint: 'Give another folder as --report.' });
  }

  get exists(): boolean {
    return existsSync(this.#folder);
  }

  /** No other run writes there until `release`. @throws TouchstoneError as `lock` */
  lock(): void {
    const path = join(this.#folder, '.touchstone-lock');
    this.#release ??= lock(path, `--report ${this.#folder}`, 'Wait for it, or give another --report.');
  }

  /** Removes what an earlier run left. @param keepsResults this one continues it */
  clear(keepsResults = false): void {
    const stale = ['index.html', ...(keepsResults ? [] : [...Object.values(resultsFiles), shownFile])];
    for (const name of stale) if (isFile(join(this.#folder, name))) rmSync(join(this.#folder, name));
  }

  release(): void {
    this.#release?.();
    this.#release = null;
  }
}

/** For the result lines of --json. @throws TouchstoneError `bad-input` for a file of others; as `checkWritable` */
export function checkResultLines(path: string): void {
  const marker = new RegExp(`^\\s*$|${isResults.source}`);
  checkReplaceable(path, { marker, writer: 'touchstone --json', hint: 'Give another file with --json.' });
}

interface Replaced {
  /** What is among its first bytes, if it is from `writer`; left out: of a results page. */
  readonly marker?: RegExp;
  readonly writer?: string;
  readonly hint: string;
}

/** @throws TouchstoneError `bad-input` for a file of others; as `checkWritable` */
export function checkReplaceable(
  file: string,
  { marker = own['index.html']!, writer = 'Touchstone', hint }: Replaced,
): void {
  checkWritable(file);
  if (isFile(file) && !marker.test(beginningOf(file)))
    throw new TouchstoneError('bad-input', `${file} is not from ${writer}, and would be replaced`, hint);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function beginningOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(firstBytes);
    return bytes.subarray(0, readSync(file, bytes)).toString();
  } finally {
    closeSync(file);
  }
}
