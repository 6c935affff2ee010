import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeWhole } from './png.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-whole-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a file is written into a new folder, over the one before, and nothing stays beside it', async () => {
  const file = join(folder, 'new', 'a.txt');
  await writeWhole(file, 'one');
  await writeWhole(file, 'two');
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(readdirSync(join(folder, 'new'))).toEqual(['a.txt']);
});

it.skipIf(process.platform === 'win32')('what is no file keeps its place', async () => {
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  try {
    await expect(writeWhole(socket, 'x')).rejects.toMatchObject({
      code: 'bad-input',
      message: `${socket} is no ordinary file`,
    });
    expect(statSync(socket).isSocket()).toBe(true);
  } finally {
    server.close();
  }
  await expect(writeWhole(folder, 'x')).rejects.toMatchObject({ code: 'bad-input', message: `${folder} is a folder` });
});
