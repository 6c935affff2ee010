import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeProblems } from './check-size.mjs';

const files = new Map([
  ['golden/data/saliency/big/cat.safetensors', 3 * 2 ** 20],
  ['golden/data/saliency/small.safetensors', 2 ** 20],
  ['README.md', 2 ** 19],
]);

test('files of exactly the limit are allowed', () => assert.deepEqual(sizeProblems(files, 4.5 * 2 ** 20), []));

test('one byte more is not, and the largest folder comes first', () => {
  const [what, largest] = sizeProblems(files, 4.5 * 2 ** 20 - 1);
  assert.match(what, /the tracked files have 4\.5 MiB, at most 4\.5 are allowed/);
  assert.equal(largest, '  4.0 MiB golden/data/saliency');
});
