import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFile, readBounded, readText } from './read.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'file');
writeFileSync(file, 'höre');
writeFileSync(join(folder, 'empty'), '');
writeFileSync(join(folder, 'latin-1'), Buffer.from('höre', 'latin1'));
mkdirSync(join(folder, 'folder'));
const hasFifo = spawnSync('mkfifo', [join(folder, 'fifo')]).status === 0;

it('a whole file is read, up to its limit', () => {
  expect(readBounded(file, 5, 'bad-input')).toEqual(Buffer.from('höre'));
  expect(readBounded(join(folder, 'empty'), 0, 'bad-input')).toHaveLength(0);
  expect(readText(file, 'bad-input')).toBe('höre');
  expect(checkFile(file, 5, 'bad-input')).toBe(file);
});

describe.each([
  ['readBounded', readBounded],
  ['checkFile', checkFile],
] as const)('%s refuses at once, with the code and the hint that it is given,', (_, read) => {
  const refuses = (path: string, message: RegExp, limit = 4) =>
    expect(() => read(path, limit, 'bad-network', 'Do this.')).toThrow(
      expect.objectContaining({ code: 'bad-network', hint: 'Do this.', message: expect.stringMatching(message) }),
    );

  it('a file that is too large', () => refuses(file, /file has 5 bytes; at most 4 are read/));
  it('no file', () => refuses(join(folder, 'nowhere'), /nowhere: no such file/));
  it('what is below a file', () => refuses(join(file, 'x'), /no such file/));
  it('a folder', () => refuses(join(folder, 'folder'), /folder is not a file, but a folder/));
  it.skipIf(!existsSync('/dev/zero'))('a device', () => refuses('/dev/zero', /is not a file, but a device/));
  it.skipIf(!hasFifo)('a FIFO without a writer', () => refuses(join(folder, 'fifo'), /fifo is not a file, but a FIFO/));
  it.skipIf(process.platform === 'win32')('a socket', async () => {
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    try {
      refuses(join(folder, 'socket'), /socket.*not a file, but a socket/);
    } finally {
      server.close();
    }
  });
});

it('text that is not UTF-8 is refused', () =>
  expect(() => readText(join(folder, 'latin-1'), 'bad-input')).toThrow(/latin-1 is not UTF-8 text/));
