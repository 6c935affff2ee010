import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { danglingReferences } from './check-references.mjs';

const root = mkdtempSync(join(tmpdir(), 'touchstone-references-'));
after(() => rmSync(root, { recursive: true }));

/** The findings in a file with this text, next to two documents. */
function foundIn(text, file) {
  const files = {
    [file]: text,
    'docs/layouts.md': '# Layouts\n## NCHW, NHWC\n## A `b` c\n',
    'README.md': '# Read\n',
    'packages/a/b.ts': '',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return danglingReferences(root, Object.keys(files)).map(({ line, problem }) => `${line}: ${problem}`);
}

const fine = [
  ['src/a.ts', '// see docs/layouts.md, layouts.md, ../README.md, *.md and https://example.org/other.md'],
  [
    'docs/b.md',
    '[a](layouts.md) [b](./layouts.md#nchw-nhwc) [c](../README.md#read) [d](layouts.md#a-b-c) [e](#here)\n# Here',
  ],
  ['docs/b.md', '[a](https://example.org/x) [b](mailto:a@b.c) `[c](nowhere)`\n```\n[d](nowhere)\n```'],
  ['src/a.ts', '// as in packages/a/b.ts, packages/*/c.ts and https://example.org/packages/d.ts'],
  ['docs/b.md', '![figure](layouts.md "title")'],
];
for (const [file, text] of fine) test(`nothing is missing: ${text}`, () => assert.deepEqual(foundIn(text, file), []));

const wrong = [
  ['src/a.jsonc', '// the schema is in packages/a/c.ts.', ['1: packages/a/c.ts does not exist']],
  ['src/a.ts', '\n// the bounds are in design.md', ['2: design.md does not exist']],
  [
    'src/a.py',
    '# docs/layout.md, other/layouts.md',
    ['1: docs/layout.md does not exist', '1: other/layouts.md does not exist'],
  ],
  [
    'docs/b.md',
    '[a](layout.md) [b](../nowhere.png)',
    ['1: layout.md does not exist', '1: ../nowhere.png does not exist'],
  ],
  ['docs/b.md', '[a](layouts.md#strides)', ['1: layouts.md#strides does not exist']],
  ['docs/b.md', '[a][x]\n[x]: nowhere.txt', ['2: nowhere.txt does not exist']],
];
for (const [file, text, found] of wrong) test(`found: ${text}`, () => assert.deepEqual(foundIn(text, file), found));
