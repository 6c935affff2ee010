import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { page } from './reference.mjs';

test('docs/reference.md shows what the commands say', () => {
  const file = new URL('../../docs/reference.md', import.meta.url);
  assert.equal(readFileSync(file, 'utf8'), page(), 'out of date: run node tools/docs/reference.mjs');
});
