import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { appendLine } from './append-line.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-append-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('two processes that append at once lose no line', async () => {
  const file = join(folder, 'new', 'lines');
  const module = JSON.stringify(new URL('../dist/index.js', import.meta.url).href);
  const appender = (name: string): Promise<number | null> => {
    const program = `import { appendLine } from ${module};
      for (let i = 0; i < 40; i++) appendLine(${JSON.stringify(file)}, '${name} ' + i + '\\n', 'bad-input');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
    return new Promise((resolve) => child.on('close', resolve));
  };
  expect(await Promise.all([appender('a'), appender('b')])).toEqual([0, 0]);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.toSorted()).toEqual(
    ['a', 'b'].flatMap((name) => Array.from({ length: 40 }, (_, i) => `${name} ${i}`)).toSorted(),
  );
  expect(existsSync(`${file}.lock`)).toBe(false);
});

it('a file that cannot be read is an error with its code, and leaves no lock', () => {
  const file = join(folder, 'damaged');
  writeFileSync(file, Uint8Array.of(0xff, 0xfe));
  expect(() => appendLine(file, 'x\n', 'bad-input')).toThrowError(expect.objectContaining({ code: 'bad-input' }));
  expect(existsSync(`${file}.lock`)).toBe(false);
  expect(readFileSync(file)).toHaveLength(2);
});
