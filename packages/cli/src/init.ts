import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNewFiles } from './new-files.js';
import { repository } from './options.js';
import { print } from './output.js';
import { commandWord, shellWord } from './shell-word.js';

export interface InitPortOptions {
  readonly lang: 'js' | 'python';
}

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/** @throws TouchstoneError as `writeNewFiles` */
export function initPort(folder: string, { lang }: InitPortOptions): void {
  const template = join(templates, `port-${lang}`);
  const files = readdirSync(template).toSorted();
  writeNewFiles(folder, new Map(files.map((file) => [file, readFileSync(join(template, file))])));
  const path = asOperand(join(folder, lang === 'js' ? 'port.mjs' : 'port.py'));
  const port = shellWord(lang === 'js' ? path : `cmd:python ${commandWord(path)}`);
  print(
    '',
    lang === 'js'
      ? `npm install --prefix ${shellWord(asOperand(folder))}`
      : `pip install ${shellWord(`${pythonClient()}[torch]`)}`,
    `npx touchstone port check --port ${port}`,
    `npx touchstone verify --port ${port}`,
    `npx touchstone init ci --provider github --port ${port}   or gitlab`,
  );
}

/** The folder of the Python client, in a clone or in the installed package. */
function pythonClient(): string {
  const path = relative(process.cwd(), join(repository, 'tools', 'python'));
  return /^\.|^[/\\]/.test(path) ? path : `./${path}`;
}

/** A path that no program takes for an option, nor `--port` for a command. */
function asOperand(path: string): string {
  return /^(?:-|cmd:)/.test(path) ? `./${path}` : path;
}
