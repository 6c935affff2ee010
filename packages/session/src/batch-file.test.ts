import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBackend } from '@touchstone/backends';
import { describe, expect, it } from 'vitest';
import { BatchFile, batchingOn } from './batch-file.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
const found = { batch: 8, settled: true };

it('what was found is there for the next process, beside what others found', () => {
  const path = join(folder, 'deep', 'batch-sizes.json');
  expect(new BatchFile(path).get('a')).toBe(undefined);
  expect(existsSync(path)).toBe(false);
  new BatchFile(path).set('a', found);
  new BatchFile(path).set('b', { batch: 1, settled: false });
  const other = JSON.parse(readFileSync(path, 'utf8')) as { machines: Record<string, unknown> };
  writeFileSync(
    path,
    JSON.stringify({ ...other, machines: { ...other.machines, elsewhere: { a: { batch: 2, settled: true } } } }),
  );
  new BatchFile(path).set('a', { batch: 4, settled: true });
  expect([new BatchFile(path).get('a'), new BatchFile(path).get('b')]).toEqual([
    { batch: 4, settled: true },
    { batch: 1, settled: false },
  ]);
  expect(readFileSync(path, 'utf8')).toContain('elsewhere');
  expect(readdirSync(join(folder, 'deep'))).toEqual(['batch-sizes.json']);
});

describe.each([
  ['cut', '{"version":1,"mach'],
  ['of another program', '[1, 2]'],
  ['nonsense', '{"version":1,"machines":{"m":{"a":{"batch":-3,"settled":true}}}}'],
  ['empty', ''],
])('a file that is %s', (name, text) => {
  it('is ignored, and written anew', () => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, text);
    const file = new BatchFile(path);
    expect(file.get('a')).toBe(undefined);
    file.set('a', found);
    expect(file.get('a')).toEqual(found);
  });
});

it('where nothing can be written, nothing is remembered, and nothing fails', () => {
  const path = join(folder, 'a-folder');
  mkdirSync(path);
  const file = new BatchFile(path);
  file.set('a', found);
  expect(file.get('a')).toBe(undefined);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('the budget is shared among engines, and within what one of them can hold', () => {
  const memory = new Map();
  const [one, four] = [1, 4].map((engines) => batchingOn(findBackend('cpu'), engines, memory).budgetBytes) as [
    number,
    number,
  ];
  expect(four).toBeGreaterThan(0);
  expect(four).toBeLessThan(one / 2);
  expect(batchingOn(findBackend('wasm'), 1, memory).budgetBytes).toBeLessThanOrEqual(2 ** 31);
});
