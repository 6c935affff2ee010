/** The folder of `verify --report`: of one run at a time, in which nothing but Touchstone's own files is replaced. */
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { checkWritable, lock } from '@touchstone/system';
import { shownFile } from './shown-images.js';

const isResults = /^\{"kind":"header","version":\d+,"touchstone":/;
/** File → how it begins, or what is among its first bytes, if Touchstone wrote it. */
const own: Readonly<Record<string, RegExp>> = {
  'results.ndjson': isResults,
  'results.partial.ndjson': isResults,
  'index.html': /<meta name="generator" content="Touchstone" \/>|<title>Touchstone: results<\/title>/,
};
const firstBytes = 2000;

export class ReportFolder {
  readonly #folder: string;
  #release: (() => void) | null = null;

  /** Writes nothing. @throws TouchstoneError `bad-input` for a file of others; as `checkWritable` */
  constructor(folder: string) {
    this.#folder = folder;
    for (const [name, marker] of Object.entries(own)) {
      const file = join(folder, name);
      checkWritable(file);
      if (!isReplaceable(file, marker))
        throw new TouchstoneError(
          'bad-input',
          `${file} is not from Touchstone, and would be replaced`,
          'Give another folder as --report.',
        );
    }
  }

  /**
   * Once the options are checked, before anything can fail: what an earlier run found is not taken for what this one
   * finds, and no other run writes there until `release`. @param keepsResults this one continues it
   * @throws TouchstoneError as `lock`
   */
  begin(keepsResults = false): void {
    const path = join(this.#folder, '.touchstone-lock');
    this.#release ??= lock(path, `--report ${this.#folder}`, 'Wait for it, or give another --report.');
    const stale = ['index.html', ...(keepsResults ? [] : ['results.ndjson', 'results.partial.ndjson', shownFile])];
    for (const name of stale) if (isFile(join(this.#folder, name))) rmSync(join(this.#folder, name));
  }

  get hasBegun(): boolean {
    return this.#release !== null;
  }

  release(): void {
    this.#release?.();
    this.#release = null;
  }
}

/** Whether nothing of others is at the path of a results page. */
export function isReplaceable(file: string, marker: RegExp = own['index.html']!): boolean {
  return !isFile(file) || marker.test(beginningOf(file));
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
