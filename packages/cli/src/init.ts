import { closeSync, lstatSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted, TouchstoneError } from '@touchstone/contract';
import { about, makeFolder } from '@touchstone/system';
import { commandWord, shellWord } from './shell-word.js';
import { repository } from './options.js';
import { print } from './output.js';

export interface InitPortOptions {
  readonly lang: 'js' | 'python';
}

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/**
 * Writes all files of the template, or none.
 * @throws TouchstoneError `bad-input` where one of them exists, or would be written through a link
 */
export function initPort(folder: string, { lang }: InitPortOptions): void {
  if (/\p{Cc}/u.test(folder))
    throw new TouchstoneError(
      'bad-input',
      `${JSON.stringify(folder)} has control characters, which no printed command can hold`,
      'Choose another folder.',
    );
  const template = join(templates, `port-${lang}`);
  const files = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    .toSorted();
  const taken = files.filter((file) => kindAt(join(folder, file)) !== null);
  if (taken.length > 0)
    throw new TouchstoneError(
      'bad-input',
      `${folder} has ${taken.join(', ')} already`,
      'Choose another folder: nothing is overwritten.',
    );
  const link = files.flatMap(foldersOf).find((each) => kindAt(join(folder, each)) === 'link');
  if (link !== undefined)
    throw new TouchstoneError(
      'bad-input',
      `${join(folder, link)} is a link, and files would be written where it leads`,
      'Choose another folder: nothing is written outside of it.',
    );
  writeAll(folder, new Map(files.map((file) => [file, readFileSync(join(template, file))])));
  const path = asOperand(join(folder, lang === 'js' ? 'port.mjs' : 'port.py'));
  const port = shellWord(lang === 'js' ? path : `cmd:python ${commandWord(path)}`);
  print(
    `${counted(files.length, 'file')} written to ${folder}: ${files.join(', ')}`,
    '',
    lang === 'js'
      ? `npm install --prefix ${shellWord(asOperand(folder))}`
      : `pip install ${shellWord(`${pythonClient()}[torch]`)}`,
    `npx touchstone port check --port ${port}`,
    `npx touchstone verify --port ${port}`,
  );
}

/** The folder of the Python client, in a clone or in the installed package. */
function pythonClient(): string {
  const path = relative(process.cwd(), join(repository, 'tools', 'python'));
  return /^\.|^[/\\]/.test(path) ? path : `./${path}`;
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
function writeAll(folder: string, contents: ReadonlyMap<string, Buffer>): void {
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

/** A path that no program takes for an option, nor `--port` for a command. */
function asOperand(path: string): string {
  return /^(?:-|cmd:)/.test(path) ? `./${path}` : path;
}
