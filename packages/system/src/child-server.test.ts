/** Real children, of both transports. Messages trigger what they do, never the clock. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ChildServer, type ChildProgram } from './child-server.js';

const generous = 60_000;

/** Answers each message by what it names; `parts` are [its pid, its folder, the pid of a grandchild or null]. */
const body = `
  const { spawn } = require('node:child_process');
  const { existsSync } = require('node:fs');
  const idle = ['-e', 'console.error("left"); setInterval(() => 0, 1000)'];
  const left = (detached, env = process.env) => spawn(process.execPath, idle,
    { detached, stdio: ['ignore', 'inherit', 'inherit'], env }).pid;
  const acts = {
    parts: () => [process.pid, process.argv.at(-1), null],
    fork: () => [process.pid, process.argv.at(-1), left(false)],
    detach: () => [process.pid, process.argv.at(-1), left(true)],
    leave: () => [process.pid, process.argv.at(-1), left(true, {})],
    hang: () => { console.error('in a loop'); for (;;); },
    silence: () => undefined,
    exit: () => { console.error('\\u001b[31mlast\\nwords'); process.exitCode = 3; stop(); },
    kill: () => process.kill(process.pid, 'SIGKILL'),
    junk: () => 'JUNK',
  };
  process.on('SIGTERM', () => { if (process.argv.includes('stubborn')) return; process.exit(143); });`;
const bodies = {
  ipc: `${body} const stop = () => process.disconnect();
    process.on('message', (name) => { const answer = acts[name](); if (answer) process.send(answer); });`,
  lines: `${body} const stop = () => process.stdin.destroy();
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const answer = acts[JSON.parse(line)]();
      if (answer) console.log(answer === 'JUNK' ? 'no json' : JSON.stringify(answer));
    });`,
};

const started: ChildServer[] = [];
const strays: number[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.end();
  for (const pid of strays.splice(0)) if (runs(pid)) process.kill(pid, 'SIGKILL');
});

function start(transport: 'ipc' | 'lines', more: Partial<ChildProgram> & { word?: string } = {}): ChildServer {
  const server = new ChildServer({
    name: 'the child',
    command: process.execPath,
    args: ['-e', bodies[transport], more.word ?? 'plain'],
    transport,
    scratch: 'touchstone-child-test-',
    ...more,
  });
  started.push(server);
  return server;
}

async function parts(server: ChildServer, message = 'parts'): Promise<[number, string, number]> {
  const [pid, folder, grandchild] = (await server.ask(message, generous)) as [number, string, number];
  if (grandchild) strays.push(grandchild);
  return [pid, folder, grandchild];
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.each(['ipc', 'lines'] as const)('over %s', (transport) => {
  it('answers one message after the other; at its end process and folder are gone', async () => {
    const server = start(transport);
    const [pid, folder] = await parts(server);
    expect(await parts(server)).toEqual([pid, folder, null]);
    expect([runs(pid), existsSync(folder), server.ended]).toEqual([true, true, false]);
    await server.end();
    expect([runs(pid), existsSync(folder), server.ended]).toEqual([false, false, true]);
    await expect(server.ask('parts', generous)).rejects.toMatchObject({
      code: 'process-crashed',
      message: 'the child was ended',
    });
  });

  it.each([
    ['exit', 'the child ended with status 3; it printed: last words'],
    ['kill', 'the child ended with SIGKILL'],
  ])('%s while a question is open', async (act, message) => {
    const server = start(transport);
    const [pid, folder] = await parts(server);
    await expect(server.ask(act, generous)).rejects.toMatchObject({ code: 'process-crashed', message });
    expect(server.ended).toBe(true);
    await server.end();
    expect([runs(pid), existsSync(folder)]).toEqual([false, false]);
  });

  it('asked after it was killed, before that reached us', async () => {
    const server = start(transport);
    const [pid] = await parts(server);
    process.kill(pid, 'SIGKILL');
    // Blocks our event loop until the child is a zombie.
    while (!execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z'));
    await expect(server.ask('parts', generous)).rejects.toMatchObject({
      code: 'process-crashed',
      message: 'the child ended with SIGKILL',
    });
  });

  it.each(['hang', 'silence'])('%s meets the deadline', async (act) => {
    const server = start(transport);
    const [pid, folder] = await parts(server);
    await expect(server.ask(act, 300)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/^no answer within 0\.3 s; the child was ended/) as string,
    });
    await server.end();
    expect([runs(pid), existsSync(folder)]).toEqual([false, false]);
  });

  it('passes on what the child prints, cleaned', async () => {
    const printed: string[] = [];
    const server = start(transport, { onPrinted: (text) => printed.push(text) });
    await expect(server.ask('exit', generous)).rejects.toThrow('it printed');
    expect(printed).toEqual(['last', 'words']);
  });

  it('kills one that does not heed SIGTERM', async () => {
    const server = start(transport, { word: 'stubborn' });
    const [pid] = await parts(server);
    const open = server.ask('silence', generous);
    const ended = server.end();
    await expect(open).rejects.toMatchObject({ code: 'process-crashed', message: 'the child was ended' });
    await ended;
    expect(runs(pid)).toBe(false);
  });

  it('ends what the child has started', async () => {
    const server = start(transport);
    const [, , grandchild] = await parts(server, 'fork');
    expect(runs(grandchild)).toBe(true);
    await server.end();
    // Its new parent process has to notice its end first.
    await expect.poll(() => runs(grandchild), { timeout: generous }).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')('ends what has left its process group', async () => {
    const server = start(transport);
    const [, , grandchild] = await parts(server, 'detach');
    expect(runs(grandchild)).toBe(true);
    await server.end();
    await expect.poll(() => runs(grandchild), { timeout: generous }).toBe(false);
  });

  it('does not wait for another process that holds the pipes', async () => {
    const server = start(transport);
    const [pid, , stranger] = await parts(server, 'leave');
    await expect(server.ask('kill', generous)).rejects.toMatchObject({
      message: expect.stringMatching(/^the child ended with SIGKILL/) as string,
    });
    await server.end();
    expect([runs(pid), runs(stranger)]).toEqual([false, true]);
  });

  it('cannot be started', async () => {
    const server = start(transport, { command: './no-such-program' });
    await expect(server.ask('parts', generous)).rejects.toMatchObject({
      code: 'process-crashed',
      message: expect.stringMatching(/^the child cannot be started: .*ENOENT/) as string,
    });
    await server.end();
  });
});

it('a line that is not JSON ends it', async () => {
  const server = start('lines');
  await expect(server.ask('junk', generous)).rejects.toMatchObject({
    code: 'port-error',
    message: 'a line of the child is not JSON: no json',
  });
  expect(server.ended).toBe(true);
});

it('what cannot be cloned is an error of its own, and the next question is answered', async () => {
  const server = start('ipc');
  await expect(server.ask(() => undefined, generous)).rejects.toMatchObject({ code: 'internal' });
  expect(await parts(server)).toEqual([expect.any(Number), expect.stringContaining('touchstone-child-test-'), null]);
});

describe('when our own process ends', () => {
  /** A parent whose child uses `endWithParent` and has forked; it prints their pids and the folder, then ends `how`. */
  async function endOfParent(how: string): Promise<[number, string, number]> {
    const index = new URL('../dist/index.js', import.meta.url).href;
    const child = `
      import { endWithParent } from ${JSON.stringify(index)};
      import { execFileSync, spawn, spawnSync } from 'node:child_process';
      endWithParent(Number(process.argv.at(-2)), process.argv.at(-1));
      process.on('message', () => {
        const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'],
          { stdio: 'inherit', detached: ${how.includes('detached')} });
        process.send([process.pid, process.argv.at(-1), pid], () => { if (${how.includes('loop')}) for (;;); });
      });`;
    const parent = `
      import { ChildServer } from ${JSON.stringify(index)};
      const args = ['--input-type=module', '-e', ${JSON.stringify(child)}];
      const server = new ChildServer({
        name: 'it', command: process.execPath, args, transport: 'ipc', scratch: 'touchstone-child-test-' });
      console.log(JSON.stringify(await server.ask('fork', 60_000)));
      process.on('SIGUSR2', () => process.exit(5));
      setInterval(() => 0, 1000);`;
    return firstLine(parent, how.split(' ')[0] as NodeJS.Signals);
  }

  /** What the parent prints, after which it gets the signal. */
  async function firstLine(parent: string, signal: NodeJS.Signals): Promise<[number, string, number]> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 2] });
    const line = await new Promise<string>((resolve) => child.stdout!.once('data', (text) => resolve(String(text))));
    const [pid, folder, grandchild] = JSON.parse(line) as [number, string, number];
    strays.push(pid, grandchild);
    child.kill(signal);
    return [pid, folder, grandchild];
  }

  const ways = ['SIGUSR2', 'SIGUSR2 loop', 'SIGKILL', 'SIGKILL loop', 'SIGHUP', 'SIGTERM'];
  const detached = process.platform === 'linux' ? ['SIGUSR2 detached', 'SIGKILL loop detached'] : [];
  it.each([...ways, ...detached])('by %s, no process and no folder is left', async (how) => {
    const [pid, folder, grandchild] = await endOfParent(how);
    const left = (): unknown[] => [runs(pid), runs(grandchild), existsSync(folder)];
    await expect.poll(left, { timeout: generous, interval: 50 }).toEqual([false, false, false]);
  });

  it.each(['fork', ...(process.platform === 'linux' ? ['detach'] : [])])(
    'by SIGKILL, nothing is left of a program that is not ours and ignores the end of its input, after %s',
    async (act) => {
      const index = new URL('../dist/index.js', import.meta.url).href;
      const child = `${bodies.lines} setInterval(() => 0, 1000);`;
      const parent = `
        import { ChildServer } from ${JSON.stringify(index)};
        const server = new ChildServer({ name: 'it', command: process.execPath,
          args: ['-e', ${JSON.stringify(child)}, 'stubborn'], transport: 'lines', isForeign: true,
          scratch: 'touchstone-child-test-' });
        const [pid, , grandchild] = await server.ask('${act}', 60_000);
        console.log(JSON.stringify([pid, server.scratch, grandchild]));`;
      const [pid, folder, grandchild] = await firstLine(parent, 'SIGKILL');
      const left = (): unknown[] => [runs(pid), runs(grandchild), existsSync(folder)];
      await expect.poll(left, { timeout: generous, interval: 50 }).toEqual([false, false, false]);
    },
  );

  it('just after the end of the child, no folder is left', async () => {
    const index = new URL('../dist/index.js', import.meta.url).href;
    // The child holds its pipes open by another process, so that its end takes a while.
    const child = `
      const { spawn } = require('node:child_process');
      const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'],
        { stdio: 'inherit', detached: true, env: {} });
      process.on('message', () => process.send([process.pid, process.argv.at(-1), pid]));`;
    const parent = `
      import { ChildServer } from ${JSON.stringify(index)};
      const server = new ChildServer({ name: 'it', command: process.execPath,
        args: ['-e', ${JSON.stringify(child)}], transport: 'ipc', scratch: 'touchstone-child-test-' });
      const parts = await server.ask('parts', 60_000);
      console.log(JSON.stringify(parts));
      void server.end();
      setInterval(() => { try { process.kill(parts[0], 0); } catch { process.exit(0); } }, 1);`;
    const ended = spawnSync(process.execPath, ['--input-type=module', '-e', parent], { encoding: 'utf8' });
    const [, folder, stranger] = JSON.parse(ended.stdout) as [number, string, number];
    strays.push(stranger);
    expect([ended.status, existsSync(folder)]).toEqual([0, false]);
  });
});
