import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longLines } from './check-lines.mjs';

const at = (columns) => 'x'.repeat(columns);

test('a line of 120 columns passes, one of 121 is found with its number', () => {
  assert.deepEqual(longLines('a.ts', `${at(120)}\n${at(121)}\n`), [{ line: 2, columns: 121 }]);
});

test('columns are characters, not UTF-16 units or bytes', () => {
  assert.deepEqual(longLines('a.ts', '𝄞'.repeat(120)), []);
});

test('a URL may be as long as it is', () => {
  assert.deepEqual(longLines('a.py', `# https://example.org/${at(121)}`), []);
});

test('tables and code blocks of a page are exempt, its text and the code of other files are not', () => {
  const page = [`| ${at(121)} |`, `    ${at(121)}`, '```', at(121), '```', at(121)].join('\n');
  assert.deepEqual(longLines('page.md', page), [{ line: 6, columns: 121 }]);
  assert.deepEqual(longLines('a.ts', `    ${at(121)}`), [{ line: 1, columns: 125 }]);
});
