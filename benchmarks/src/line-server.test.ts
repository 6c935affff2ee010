import { expect, it } from 'vitest';
import { z } from 'zod';
import { LineServer, type ServerProgram } from './line-server.js';

const program = (code: string): ServerProgram => ({
  command: process.execPath,
  args: ['-e', code],
  name: 'the program',
});
const ready = 'console.log(\'{"ready":true}\');';
const echo = `${ready}
  const lines = require('node:readline').createInterface({ input: process.stdin });
  lines.on('line', (line) => console.log(line));`;
const Ready = z.object({ ready: z.literal(true) });
const Anything = z.object({ value: z.number() });

it('answers line for line, and ends', async () => {
  const { server } = await LineServer.start(program(echo), Ready);
  expect(await server.ask({ value: 1 }, Anything, 5000)).toEqual({ value: 1 });
  expect(await server.ask({ value: 2 }, Anything, 5000)).toEqual({ value: 2 });
  await server.end();
  await expect(server.ask({ value: 3 }, Anything, 5000)).rejects.toMatchObject({
    code: 'process-crashed',
    message: expect.stringContaining('was ended') as string,
  });
});

it.each([
  {
    what: 'cannot be started',
    with: { command: './no-such-program', args: [], name: 'the program' },
    code: 'process-crashed',
    message: /cannot be started/,
  },
  {
    what: 'ends at once, with its last words',
    with: program("console.error('no torch'); process.exitCode = 3"),
    code: 'process-crashed',
    message: /ended with status 3; it printed: no torch/,
  },
  {
    what: 'says what is wrong',
    with: program('console.log(\'{"error":"wasm: no such backend"}\')'),
    code: 'port-error',
    message: /the program: wasm: no such backend/,
  },
  { what: 'says something else', with: program("console.log('hello')"), code: 'port-error', message: /is not JSON/ },
])('a program that $what', async ({ with: broken, code, message }) => {
  await expect(LineServer.start(broken, Ready)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

it('a program that hangs is ended', async () => {
  const { server } = await LineServer.start(program(`${ready} process.stdin.resume();`), Ready);
  await expect(server.ask({ value: 1 }, Anything, 100)).rejects.toMatchObject({ code: 'timeout' });
  await server.end();
});
