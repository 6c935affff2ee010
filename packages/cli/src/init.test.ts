import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { golden, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const repository = fileURLToPath(new URL('../../..', import.meta.url));

it('a port in JavaScript passes the check and the cases of its method', async () => {
  const js = join(folder, 'js');
  const { status, stdout } = await inProcess(['init', 'port', '--lang', 'js', js]);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^4 files written to .*: \.github.workflows.touchstone\.yml, README\.md, package\.json, port\.mjs\n/,
  );
  expect(stdout).toMatch(/\nnpx touchstone port check --port \S*port\.mjs\n/);
  symlinkSync(join(repository, 'node_modules'), join(js, 'node_modules')); // in place of npm install
  const port = join(js, 'port.mjs');
  expect((await inProcess(['port', 'check', '--port', port])).stdout).toMatch(/4 of 4 checks passed, 0 failed, 0 not/);
  const report = ['--report', join(folder, 'report'), '--golden', golden];
  const verified = await inProcess(['verify', '--port', port, '--case', 'saliency/tiny-vgg/cat-32', ...report]);
  expect([verified.status, verified.stdout]).toEqual([0, expect.stringMatching(/1 passed, 0 failed/)]);
}, 60_000);

const python = process.env['TOUCHSTONE_PYTHON'] ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch, safetensors'], { stdio: 'ignore' }).status === 0;

it.skipIf(!hasTorch)(
  'a port in Python, too (skipped where Python has no torch)',
  async () => {
    const folderOfPort = join(folder, 'python');
    expect((await inProcess(['init', 'port', '--lang', 'python', folderOfPort])).status).toBe(0);
    vi.stubEnv('PYTHONPATH', join(repository, 'tools', 'python')); // in place of pip install
    const command = `cmd:${python} '${join(folderOfPort, 'port.py')}'`;
    const { stdout } = await inProcess(['port', 'check', '--port', command]);
    vi.unstubAllEnvs();
    expect(stdout).toMatch(/4 of 4 checks passed, 0 failed, 0 not/);
  },
  60_000,
);

it('nothing is overwritten, and nothing written next to what is there', async () => {
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'README.md'), 'mine');
  const { status, stderr } = await inProcess(['init', 'port', '--lang', 'python', taken]);
  expect(status).toBe(64);
  expect(stderr).toMatch(/bad-input: .*taken has README\.md already\n.*Choose another folder/);
  expect(readdirSync(taken)).toEqual(['README.md']);
});

it('what cannot be written whole is not written', async () => {
  const blocked = join(folder, 'blocked');
  mkdirSync(blocked);
  writeFileSync(join(blocked, '.github'), 'a file');
  expect((await inProcess(['init', 'port', '--lang', 'js', blocked])).status).not.toBe(0);
  expect(readdirSync(blocked)).toEqual(['.github']);
  expect((await inProcess(['init', 'port', '--lang', 'cobol'])).stderr).toMatch(
    /usage: .*\n.*Allowed choices are js, python/,
  );
  expect(existsSync('touchstone-port')).toBe(false);
});
