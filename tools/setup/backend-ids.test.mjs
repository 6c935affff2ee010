import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages that treat all backends alike: what they need to know of one is a field of `Backend` or a trait. */
const shared = ['contract', 'system', 'network', 'methods', 'images', 'session', 'harness', 'laws', 'report'];

function sourcesOf(name) {
  const folder = join(root, 'packages', name, 'src');
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.ts') && !/test(ing)?\b/.test(file))
    .map((file) => ({ file: `packages/${name}/src/${file}`, text: readFileSync(join(folder, file), 'utf8') }));
}

/** The ids that backends declare, as in `id: 'wasm',`. */
function backendIds() {
  return sourcesOf('backends').flatMap(({ text }) => [...text.matchAll(/^ +id: '([\w-]+)',$/gm)].map(([, id]) => id));
}

/** Lines of code with one of `ids` as a string. In a line about precision, `float64` is not an id. */
function mentions(text, ids) {
  const id = new RegExp(`(['"\`])(?:${ids.join('|')})\\1`);
  return text.split('\n').flatMap((line, index) => {
    const isComment = /^\s*(\*|\/\/|\/\*)/.test(line);
    return !isComment && id.test(/precision/i.test(line) ? line.replaceAll("'float64'", '') : line) ? [index + 1] : [];
  });
}

test('every backend is found', () => {
  const ids = new Set(backendIds());
  for (const id of ['cpu', 'wasm', 'float64', 'tensorflow', 'cuda', 'webgl', 'webgpu']) assert.ok(ids.has(id), id);
});

test('an id in code is found, but not in a comment or as a precision', () => {
  const text = ["if (backend.id === 'wasm') {", "  // 'wasm'", "precision: 'float32' | 'float64';", 'open("cpu")'].join(
    '\n',
  );
  assert.deepEqual(mentions(text, ['wasm', 'cpu', 'float64']), [1, 4]);
});

test('no shared package names a backend', () => {
  const ids = [...new Set(backendIds())];
  const found = shared
    .flatMap(sourcesOf)
    .flatMap(({ file, text }) => mentions(text, ids).map((line) => `${file}:${line}`));
  assert.deepEqual(found, [], 'make what the code needs to know a field of Backend, or a trait (BackendTraits)');
});
