/** `touchstone init ci`: the files of tools/ci for a port, in the user's repository. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import { writeNewFiles } from './new-files.js';
import { print } from './output.js';
import { shellWord } from './shell-word.js';

export interface InitCiOptions {
  readonly provider: 'github' | 'gitlab';
  readonly port: string;
  readonly method?: readonly string[];
  /** Jobs that share the cases; left out: one job judges all. */
  readonly shards?: number;
}

/** GitLab takes no more jobs at once. */
const maxCiShards = 200;

const templates = fileURLToPath(new URL('../../../tools/ci', import.meta.url));

/** Path in the repository → template. */
const files = {
  github: {
    '.github/actions/touchstone/action.yml': 'github/action.yml',
    '.github/workflows/touchstone.yml': 'github/touchstone.yml',
  },
  gitlab: { 'touchstone.gitlab-ci.yml': 'gitlab/touchstone.yml' },
};

/** @throws TouchstoneError as `writeNewFiles`; `unknown-name` for a method that there is not; `usage` for one shard */
export function initCi(folder: string, options: InitCiOptions): void {
  const { provider, method: methods = [], shards } = options;
  methods.forEach(findMethod);
  if (shards !== undefined && (shards < 2 || shards > maxCiShards))
    throw new TouchstoneError(
      'usage',
      `--shards ${shards}: must be from 2 to ${maxCiShards}`,
      'Give for example --shards 4, or omit it for one job.',
    );
  const contents = Object.entries(files[provider]).map(([path, template]): [string, string] => [
    path,
    filledIn(readFileSync(join(templates, template), 'utf8'), options, portFolder(folder, options.port)),
  ]);
  writeNewFiles(folder, new Map(contents));
  print(...remarks(folder, provider, methods));
}

/** The port's folder in the repository, where it has a package.json of its own; null: its libraries are the root's. */
function portFolder(folder: string, port: string): string | null {
  const inside = normalize(dirname(port));
  if (port.startsWith('cmd:') || isAbsolute(port) || inside === '.' || inside.startsWith('..')) return null;
  return existsSync(join(folder, inside, 'package.json')) ? inside.split(sep).join('/') : null;
}

/** Text of which the CI service evaluates nothing. */
const literal: Readonly<Record<InitCiOptions['provider'], (text: string) => string>> = {
  github: (text) => text.replaceAll('${{', () => "${{ '${{' }}"),
  gitlab: (text) => text.replaceAll('$', () => '$$'),
};

/** JSON is YAML, apart from a few characters. */
function yamlText(text: string): string {
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

function filledIn(
  template: string,
  { provider, port, method: methods = [], shards }: InitCiOptions,
  installed: string | null,
): string {
  const blocks = {
    python: /^cmd:.*python/.test(port),
    shards: shards !== undefined,
    whole: shards === undefined,
    folder: installed !== null,
  };
  const numbers = Array.from({ length: shards ?? 0 }, (_, index) => index + 1);
  return Object.entries(blocks)
    .reduce((text, [name, isKept]) => {
      const block = new RegExp(`^ *# ${name}:begin\\n([^]*?)^ *# ${name}:end\\n`, 'gm');
      return text.replace(block, (_, lines: string) => (isKept ? lines : ''));
    }, template)
    .replace(/SHARD_LIST$/gm, `[${numbers.join(', ')}]`)
    .replace(/SHARD_COUNT$/gm, String(shards))
    .replace(/INSTALL_PORT$/gm, () => yamlText(literal.github(`npm install --prefix ${shellWord(installed ?? '')}`)))
    .replace(/(?<=: )PORT$/gm, () => yamlText(literal[provider](port)))
    .replace(/(?<=: )METHODS$/gm, () => yamlText(methods.join(' ')));
}

const copyThem = ['CI has no such file. Copy the .tgz files into the repository, and install them from there.'];

/** What is left to do. */
function remarks(folder: string, provider: InitCiOptions['provider'], methods: readonly string[]): string[] {
  const manifest = join(folder, 'package.json');
  const text = existsSync(manifest) ? readFileSync(manifest, 'utf8') : '';
  const isInstalled = /"touchstone"\s*:/.test(text);
  const outside = /"touchstone(?:-golden(?:-full)?)?"\s*:\s*"file:(?:\.\.|\/)[^"]*"/.test(text);
  return [
    ...(isInstalled ? [] : ['', 'npm install --save-dev touchstone touchstone-golden   what "npm ci" then installs']),
    ...(outside ? ['', 'package.json takes touchstone from outside of the repository:', ...copyThem] : []),
    ...(provider === 'gitlab' ? ['', 'in .gitlab-ci.yml: include: { local: touchstone.gitlab-ci.yml }'] : []),
    ...(methods.length > 0 ? [] : ['', 'With --method, the methods that are named must be judged to be green.']),
  ];
}
