/** The programs of docs/upstream show faults that TensorFlow.js still has, and its README.md lists each of them. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../docs/upstream/', import.meta.url);
const programs = readdirSync(folder).filter((file) => file.endsWith('.mjs') && file !== 'compare.mjs');

test('the page lists every program, and no other', () => {
  const page = readFileSync(new URL('README.md', folder), 'utf8');
  const listed = new Set([...page.matchAll(/\]\(([\w-]+\.mjs)\)/g)].map(([, file]) => file));
  assert.deepEqual([...listed].sort(), programs.sort());
});

test('every fault is still there', async (t) => {
  t.mock.method(console, 'log', () => {});
  t.mock.method(console, 'warn', () => {});
  const gone = [];
  for (const program of programs) {
    const { default: rows } = await import(new URL(program, folder));
    assert.ok(rows.length > 0, program);
    for (const { backend, question, isRight } of rows) if (isRight) gone.push(`${program}: ${question} on ${backend}`);
  }
  assert.deepEqual(gone, []);
});
