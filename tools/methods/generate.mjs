#!/usr/bin/env node
/**
 * Writes what follows from the folders of packages/methods/src: `folders.ts`, and the lists between markers in
 * docs/methods.md and docs/formats.md. Run by `npm run generate -w packages/methods`; with --check nothing is written,
 * and the exit code is 1 where `folders.ts` is stale.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'packages/methods/src');
const index = join(source, 'folders.ts');

/** A folder is a method's if it has its formula in Python. */
const ids = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(source, entry.name, 'reference.py')))
  .map(({ name }) => name)
  .sort();

const incomplete = ids.filter((id) => !existsSync(join(source, id, 'index.ts')));
if (incomplete.length > 0) {
  console.error(`${incomplete.map((id) => `packages/methods/src/${id}/index.ts`).join(', ')}: missing`);
  console.error('Add it: it exports the method as `method` and its mutants as `mutants`.');
  process.exit(1);
}

const nameOf = (id) => id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const text = [
  '/** Written by `npm run generate -w packages/methods` from the names of the folders; not to be edited. */',
  ...ids.map((id) => `import * as ${nameOf(id)} from './${id}/index.js';`),
  '',
  `export const folders = [`,
  ...ids.map((id) => `  ${nameOf(id)},`),
  '] as const;',
  '',
].join('\n');

if (process.argv.includes('--check')) {
  if (!existsSync(index) || readFileSync(index, 'utf8') !== text) {
    console.error('packages/methods/src/folders.ts is stale. Run: npm run generate -w packages/methods');
    process.exit(1);
  }
  process.exit(0);
}

writeFileSync(index, text);
execFileSync('npm', ['run', '-s', 'build', '-w', 'packages/methods'], { cwd: root, stdio: 'inherit' });
const { methods } = await import('../../packages/methods/dist/registry.js');
const { lists } = await import('../../packages/methods/dist/core/lists.js');
for (const { page, update } of lists) {
  const path = join(root, page);
  writeFileSync(path, update(readFileSync(path, 'utf8'), methods));
}
