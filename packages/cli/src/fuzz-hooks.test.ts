/** The real command; a script in the place of Python says what PyTorch would. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaseRow, parseJsonLines } from '@touchstone/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { published } from './testing/touchstone.js';

const bin = fileURLToPath(new URL('../bin/touchstone.mjs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-fuzz-'));
  await writeFile(
    join(folder, 'python'),
    `#!${process.execPath}
const readline = require('node:readline');
console.log(JSON.stringify({ ready: true, torch: '9.9' }));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const stages = [['0000 threw framework', { shape: [1], data: [0] }]];
  console.log(JSON.stringify(JSON.parse(line).map(({ seq }) => ({ seq, stages }))));
});
`,
  );
  await chmod(join(folder, 'python'), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

function touchstone(...args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [bin, 'fuzz', 'hooks', ...args], {
    cwd: folder,
    env: { ...process.env, DEBUG: '', TOUCHSTONE_PYTHON: '' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

test.each([
  {
    args: ['--python', './no-python'],
    status: 4,
    says: /backend-unavailable: no PyTorch .*no-python cannot be started.*\n.*TOUCHSTONE_PYTHON/,
  },
  { args: ['--python', process.execPath], status: 4, says: /backend-unavailable: no PyTorch/ },
  { args: ['--runs', 'many'], status: 64, says: /usage: --runs "many": must be a whole number/ },
  { args: ['--corpus', '10'], status: 64, says: /usage: --corpus needs --seed/ },
  { args: ['--freeze', '../up'], status: 64, says: /usage: --freeze "\.\.\/up" is not a valid name/ },
])('$args: says why not, with status $status', async ({ args, status, says }) => {
  const ended = await touchstone(...args);
  expect(ended).toEqual({ status, stdout: '', stderr: expect.stringMatching(says) });
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

describe.skipIf(process.platform === 'win32')('a PyTorch that refuses everything', () => {
  const python = ['--python', './python', '--seed', '5'];

  test('is a disagreement: shrunk, in both languages, with how to replay it; status 1', async () => {
    const { status, stdout } = await touchstone(...python, '--runs', '20');
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^✗ program \d+ differs from PyTorch 9\.9; shrunk \d+ times\n {2}the traces differ at stage 1 of 1/,
    );
    expect(stdout).toContain('import torch\n');
    expect(stdout).toContain("from '@touchstone/network';\n");
    const [, path] = /replay: npx touchstone fuzz hooks --python .\/python --seed 5 --path ([\d:]+)\n/.exec(stdout)!;
    const again = published('fuzz', (await touchstone(...python, '--path', path!, '--json')).stdout);
    expect(again).toMatchObject({
      torch: '9.9',
      seed: 5,
      programs: 1,
      disagreement: {
        seed: 5,
        path,
        program: { steps: expect.any(Array) },
        python: expect.any(String),
        typescript: expect.any(String),
      },
    });
  });

  test('can be frozen: a network, an input and a row', async () => {
    const golden = join(folder, 'golden');
    const { status, stderr } = await touchstone(...python, '--freeze', 'refused', '--golden', golden);
    expect(status).toBe(1);
    expect(stderr).toContain('frozen as hooks/refused');
    const [row] = parseJsonLines(await readFile(join(golden, 'cases.jsonl'), 'utf8'), CaseRow, 'cases');
    expect(row).toMatchObject({
      id: 'hooks/refused',
      method: 'hooks',
      network: 'hooks/refused',
      input: 'hooks/refused',
      profile: 'quick',
    });
    expect(row!.why).toMatch(/^found by fuzzing: /);
    expect((await readdir(join(golden, 'networks/hooks/refused'))).toSorted()).toEqual([
      'network.json',
      'weights.safetensors',
    ]);
    expect(await readdir(join(golden, 'inputs/hooks'))).toEqual(['refused.safetensors']);
    expect(await touchstone(...python, '--freeze', 'refused', '--golden', golden)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('hooks/refused exists already'),
    });
  });
});

test('--corpus: rows, networks, inputs and what they exercise', async () => {
  const { status, stdout } = await touchstone('--corpus', '60', '--seed', '2', '--out', 'corpus');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^global-backward-pre +\d+ +\d+ +\d+ +– +\d+$/m);
  expect(stdout).toContain('60 programs on 10 networks written to corpus\n');
  expect(parseJsonLines(await readFile(join(folder, 'corpus/cases.jsonl'), 'utf8'), CaseRow, 'cases')).toHaveLength(60);
  expect(await readdir(join(folder, 'corpus/networks/hooks'))).toHaveLength(10);
});
