import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packageProblems } from './check-packages.mjs';

const root = mkdtempSync(join(tmpdir(), 'touchstone-packages-'));
after(() => rmSync(root, { recursive: true }));

function problemsOf(folder, files) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder, 'src'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
  return packageProblems(root, [folder]);
}

const whole = { 'package.json': '{}', 'tsconfig.json': '{}', 'README.md': '# a\n' };
const long = 'line\n'.repeat(16);

for (const [title, folder, files, found] of [
  ['a package as it should be', 'packages/a', whole, []],
  [
    'a configuration of its own',
    'packages/a',
    { ...whole, 'vitest.config.js': '' },
    [/packages\/a\/vitest\.config\.js/],
  ],
  ['no README', 'packages/a', { ...whole, 'README.md': undefined }, [/README\.md is missing/]],
  ['a long README', 'packages/a', { ...whole, 'README.md': long }, [/has 16 lines; at most 15/]],
  ['a long README of benchmarks', 'benchmarks', { ...whole, 'README.md': long }, []],
]) {
  test(title, () => {
    const present = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== undefined));
    const problems = problemsOf(folder, present);
    assert.equal(problems.length, found.length, problems.join('\n'));
    for (const [i, pattern] of found.entries()) assert.match(problems[i], pattern);
  });
}
