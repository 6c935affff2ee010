import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TouchstoneError } from '@touchstone/contract';
import { PageServer } from './page-server.js';

let server: PageServer;
beforeAll(async () => {
  server = await PageServer.start({
    bundle: fileURLToPath(import.meta.url),
    files: () => {
      throw new TouchstoneError('internal', 'not asked for');
    },
  });
});
afterAll(() => server.close());

const status = async (path: string, init?: RequestInit): Promise<number> =>
  (await fetch(new URL(path, server.url), init)).status;

it('answers below a random path, on the loopback interface', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  expect(await status('')).toBe(200);
  expect(await status('bundle.js')).toBe(200);
});

it.each([
  '/',
  '/bundle.js',
  '/x/bundle.js',
  '../',
  '..%2f',
  'exchange/1',
  'exchange/99',
  'files/etc/passwd',
  'files/%2e%2e/passwd',
  'files/%',
  'else',
])('has nothing at %s', async (path) => {
  expect(await status(path)).toBe(404);
});

it.each([
  ['a name that resolves to this machine', { host: 'localhost' }],
  ['another address', { host: 'example.org' }],
  ['a page of another origin', { origin: 'https://example.org' }],
  ['a page without an origin', { origin: 'null' }],
])('refuses %s', async (_, headers) => {
  const { port, pathname: path } = new URL(server.url);
  const got = await new Promise<number | undefined>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(got).toBe(403);
});

it('accepts one answer to each question, and nothing else', async () => {
  const path = server.offer(Uint8Array.of(1, 2));
  expect(new Uint8Array(await (await fetch(new URL(path, server.url))).arrayBuffer())).toEqual(Uint8Array.of(1, 2));
  expect(await status(path, { method: 'PUT', body: 'x' })).toBe(404);
  expect(await status(path, { method: 'POST', body: 'answer' })).toBe(204);
  expect(Buffer.from(server.take(path)!).toString()).toBe('answer');
  expect(server.take(path)).toBeUndefined();
  expect(await status(path, { method: 'POST', body: 'late' })).toBe(404);
});

it.each([{ 'content-length': String(2 ** 31) }, { 'transfer-encoding': 'chunked' }])(
  'refuses an answer of %j before reading it',
  async (headers) => {
    const { pathname, port } = new URL(server.offer(new Uint8Array()), server.url);
    const got = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request({ host: '127.0.0.1', port, path: pathname, method: 'POST', headers }, (response) =>
        resolve(response.statusCode),
      );
      sending.on('error', reject);
      sending.flushHeaders();
    });
    expect(got).toBe(413);
  },
);
