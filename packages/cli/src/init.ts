import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { counted, TouchstoneError } from '@touchstone/contract';
import { writeWhole } from '@touchstone/system';
import { shellWord } from './shell-word.js';
import { print } from './output.js';

export interface InitPortOptions {
  readonly lang: 'js' | 'python';
}

const templates = fileURLToPath(new URL('../templates', import.meta.url));

/** Writes all files of the template, or none. @throws TouchstoneError `bad-input` where one of them exists */
export function initPort(folder: string, { lang }: InitPortOptions): void {
  const template = join(templates, `port-${lang}`);
  const files = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    .toSorted();
  const taken = files.filter((file) => existsSync(join(folder, file)));
  if (taken.length > 0)
    throw new TouchstoneError(
      'bad-input',
      `${folder} has ${taken.join(', ')} already`,
      'Choose another folder: nothing is overwritten.',
    );
  const written: string[] = [];
  try {
    for (const file of files) {
      writeWhole(join(folder, file), readFileSync(join(template, file)));
      written.push(file);
    }
  } catch (error) {
    for (const file of written) rmSync(join(folder, file), { force: true });
    throw error;
  }
  const path = join(folder, lang === 'js' ? 'port.mjs' : 'port.py');
  const port = shellWord(lang === 'js' ? path : `cmd:python ${path}`);
  print(
    `${counted(files.length, 'file')} written to ${folder}: ${files.join(', ')}`,
    '',
    lang === 'js' ? `npm install --prefix ${shellWord(folder)}` : "pip install './tools/python[torch]'",
    `npx touchstone port check --port ${port}`,
    `npx touchstone verify --port ${port}`,
  );
}
