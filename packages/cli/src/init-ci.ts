/** `touchstone init ci`: the files of tools/ci for a port, in the user's repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMethod } from '@touchstone/methods';
import { writeNewFiles } from './new-files.js';
import { print } from './output.js';

export interface InitCiOptions {
  readonly provider: 'github' | 'gitlab';
  readonly port: string;
  readonly method?: readonly string[];
}

const templates = fileURLToPath(new URL('../../../tools/ci', import.meta.url));

/** Path in the repository → template. */
const files = {
  github: {
    '.github/actions/touchstone/action.yml': 'github/action.yml',
    '.github/workflows/touchstone.yml': 'github/touchstone.yml',
  },
  gitlab: { 'touchstone.gitlab-ci.yml': 'gitlab/touchstone.yml' },
};

/** @throws TouchstoneError as `writeNewFiles`; `unknown-name` for a method that there is not */
export function initCi(folder: string, { provider, port, method: methods = [] }: InitCiOptions): void {
  methods.forEach(findMethod);
  const contents = Object.entries(files[provider]).map(([path, template]): [string, string] => [
    path,
    filledIn(readFileSync(join(templates, template), 'utf8'), port, methods),
  ]);
  writeNewFiles(folder, new Map(contents));
  print(...remarks(folder, provider, methods));
}

function filledIn(template: string, port: string, methods: readonly string[]): string {
  const isPython = /^cmd:.*python/.test(port);
  return template
    .replace(/^ *# python:begin\n([^]*?)^ *# python:end\n/gm, (_, lines: string) => (isPython ? lines : ''))
    .replace(/(?<=: )PORT$/gm, () => JSON.stringify(port))
    .replace(/(?<=: )METHODS$/gm, () => JSON.stringify(methods.join(' ')));
}

/** What is left to do. */
function remarks(folder: string, provider: InitCiOptions['provider'], methods: readonly string[]): string[] {
  const manifest = join(folder, 'package.json');
  const isInstalled = existsSync(manifest) && /"touchstone"\s*:/.test(readFileSync(manifest, 'utf8'));
  return [
    ...(isInstalled ? [] : ['', 'npm install --save-dev touchstone touchstone-golden   what "npm ci" then installs']),
    ...(provider === 'gitlab' ? ['', 'in .gitlab-ci.yml: include: { local: touchstone.gitlab-ci.yml }'] : []),
    ...(methods.length > 0 ? [] : ['', 'With --method, the methods that are named must be judged to be green.']),
  ];
}
