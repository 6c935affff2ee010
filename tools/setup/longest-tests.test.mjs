import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './child.mjs';
import { longestTests } from './longest-tests.mjs';

test('the longest tests exist, each once', () => {
  assert.deepEqual(
    longestTests.filter((name) => !existsSync(join(root, `${name}.test.ts`))),
    [],
  );
  assert.equal(new Set(longestTests).size, longestTests.length);
});
