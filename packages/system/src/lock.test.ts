import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lock } from './lock.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'new', '.lock');
const take = () => lock(path, 'the folder', 'Wait.');

it('is of one run at a time, and free after it', () => {
  const release = take();
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  expect(take).toThrow(
    expect.objectContaining({
      message: `the folder is in use by another run, process ${process.pid}`,
      hint: `Wait. If nothing runs, remove ${path}.`,
    }),
  );
  release();
  expect(existsSync(path)).toBe(false);
});

it('is taken over from a process that is gone, and from no unknown one', () => {
  writeFileSync(path, '4194305\n'); // above the largest id that Linux gives
  take()();
  for (const text of ['', 'text\n', '1\n']) {
    writeFileSync(path, text);
    expect(take).toThrow(/in use by another run/);
  }
});
