import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { about, checkWritable, makeFolder, writeWhole } from './write.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('a file is written into a new folder and replaced, and no temporary file remains', () => {
  const file = join(folder, 'new', 'a.txt');
  writeWhole(file, 'one');
  writeWhole(file, Buffer.from('two'));
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(readdirSync(join(folder, 'new'))).toEqual(['a.txt']);
});

it('a write that fails leaves nothing behind, and names the path', () => {
  const file = join(folder, 'plain');
  writeWhole(file, '');
  for (const write of [(path: string) => writeWhole(path, 'x'), checkWritable])
    expect(() => write(join(file, 'below'))).toThrow(expect.objectContaining({ path: expect.any(String) }));
  expect(readdirSync(folder)).toContain('plain');
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it('a folder is not replaced', () => {
  for (const write of [(path: string) => writeWhole(path, 'x'), checkWritable])
    expect(() => write(folder)).toThrow(
      expect.objectContaining({ code: 'bad-input', message: `${folder} is not a file, but a folder` }),
    );
});

it('checkWritable says yes to a new file in new folders, and writes nothing', () => {
  const before = readdirSync(folder);
  checkWritable(join(folder, 'p', 'q', 'r.txt'));
  writeFileSync(join(folder, 'there'), 'kept');
  checkWritable(join(folder, 'there'));
  expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('kept');
  expect(readdirSync(folder)).toEqual([...before, 'there'].toSorted());
});

it('makeFolder makes all folders of a path, keeps what is there, and returns for one that cannot be made', () => {
  makeFolder(join(folder, 'k', 'l', 'm'));
  makeFolder(join(folder, 'k', 'l', 'm'));
  expect(statSync(join(folder, 'k/l/m')).isDirectory()).toBe(true);
  writeFileSync(join(folder, 'k', 'file'), '');
  expect(() => makeFolder(join(folder, 'k', 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  if (existsSync('/proc/self'))
    expect(() => makeFolder('/proc/touchstone/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

it('an error of an open file names the path', () => {
  expect(about('/a', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))).toMatchObject({ path: '/a' });
  expect(about('/a', new TypeError('x'))).not.toHaveProperty('path');
});

it.skipIf(process.platform === 'win32')('a socket keeps its place', async () => {
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  try {
    expect(() => writeWhole(socket, 'x')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: `${socket} is not a file, but a socket` }),
    );
    expect(statSync(socket).isSocket()).toBe(true);
  } finally {
    server.close();
  }
});

it.skipIf(!existsSync('/dev/null'))('a device is not replaced', () => {
  expect(() => writeWhole('/dev/null', 'x')).toThrow(/\/dev\/null is not a file, but a device/);
});

const fifo = join(folder, 'fifo');
it.skipIf(spawnSync('mkfifo', [fifo]).status !== 0)('a FIFO is not replaced, and does not block', () => {
  expect(() => writeWhole(fifo, 'x')).toThrow(/fifo is not a file, but a FIFO/);
  expect(statSync(fifo).isFIFO()).toBe(true);
});
