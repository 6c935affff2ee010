import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { page } from './page.mjs';

test('docs/laws-and-mutants.md shows packages/laws/src/faults/kills.json', () => {
  const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  assert.equal(
    read('docs/laws-and-mutants.md'),
    page(JSON.parse(read('packages/laws/src/faults/kills.json'))),
    'out of date: run node tools/laws/kills.mjs',
  );
});
