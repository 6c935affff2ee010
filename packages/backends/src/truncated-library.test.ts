import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { truncatedLibrary } from './truncated-library.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-elf-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** Some ELF file, where this system has them. */
const program = process.execPath;
const isElf = readFileSync(program).subarray(1, 4).toString() === 'ELF';

it('no folder, and what is no library, are not judged', () => {
  expect(truncatedLibrary(join(folder, 'none'))).toBe(null);
  writeFileSync(join(folder, 'a.so'), '');
  writeFileSync(join(folder, 'b.so.2'), 'text');
  expect(truncatedLibrary(folder)).toBe(null);
});

it.skipIf(!isElf)('a complete one is fine; one cut anywhere is named', () => {
  const library = join(folder, 'libwhole.so.2');
  copyFileSync(program, library);
  expect(truncatedLibrary(folder)).toBe(null);
  truncateSync(library, 5_000_000);
  expect(truncatedLibrary(folder)).toBe('libwhole.so.2');
  truncateSync(library, 64);
  expect(truncatedLibrary(folder)).toBe('libwhole.so.2');
});
