/** The real command on real backends; a script in the place of Python says what PyTorch would. */
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
  folder = await mkdtemp(join(tmpdir(), 'touchstone-fuzz-methods-'));
  await writeFile(
    join(folder, 'python'),
    `#!${process.execPath}
const readline = require('node:readline');
console.log(JSON.stringify({ ready: true, torch: '9.9' }));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const stages = [['attribution', { shape: [1], data: [0] }]];
  console.log(JSON.stringify(JSON.parse(line).map(({ seq }) => ({ seq, stages }))));
});
`,
  );
  await chmod(join(folder, 'python'), 0o755);
});
afterAll(() => rm(folder, { recursive: true }));

function touchstone(...args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [bin, 'fuzz', 'methods', ...args], {
    cwd: folder,
    env: { ...process.env, DEBUG: '', TOUCHSTONE_PYTHON: '' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

test('cases on cpu agree with float64: how many, how each was decided, and the seed', async () => {
  const { status, stdout } = await touchstone('--backend', 'cpu', '--no-python', '--runs', '12', '--seed', '1');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^12 cases on cpu agree with float64 \(seed 1\)\n +\d+ within 128 unit roundoffs/);
});

test.each([
  {
    args: ['--backend', 'float64', '--no-python'],
    status: 64,
    says: /usage: float64 can only be compared with PyTorch/,
  },
  { args: ['--backend', 'float64', '--python', './no-python'], status: 4, says: /backend-unavailable: no PyTorch/ },
  { args: ['--python', './no-python'], status: 4, says: /backend-unavailable: no PyTorch/ },
  { args: ['--backend', 'wsm'], status: 64, says: /unknown-name: unknown backend.*\n.*wasm/ },
])('$args: says why not, with status $status', async ({ args, status, says }) => {
  expect(await touchstone(...args)).toEqual({ status, stdout: '', stderr: expect.stringMatching(says) });
});

describe.skipIf(process.platform === 'win32')('a PyTorch with other answers', () => {
  const wrong = ['--backend', 'float64', '--python', './python', '--seed', '5', '--runs', '3'];

  test('is a disagreement: shrunk, in both languages, kept as a case, and repeated; status 1', async () => {
    const golden = join(folder, 'golden');
    const { status, stdout, stderr } = await touchstone(...wrong, '--freeze', 'other', '--golden', golden);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^✗ case 1, \S+, is a disagreement; shrunk \d+ times\n {2}float64 differs from PyTorch/);
    expect(stdout).toContain('from touchstone_golden.cases import reference\n');
    expect(stdout).toContain("from '@touchstone/methods';\n");
    const [, replay, path] = /replay: npx touchstone (fuzz methods .* --path ([\d:]+))\n/.exec(stdout)!;
    expect(replay).toContain('--backend float64 --python ./python --seed 5 --path');

    const [row] = parseJsonLines(await readFile(join(golden, 'cases.jsonl'), 'utf8'), CaseRow, 'cases');
    expect(stderr).toContain(`frozen as ${row!.id}`);
    expect(row).toMatchObject({ network: 'random/other', input: 'random/other', about: 'every stage' });
    expect(row!.id).toBe(`${row!.method}/random/other`);
    expect(await readdir(join(golden, 'networks/random/other'))).toEqual(['network.json', 'weights.safetensors']);

    const again = await touchstone(...wrong.slice(0, 6), '--path', path!, '--json');
    expect(published('fuzz-methods', again.stdout)).toMatchObject({
      backend: 'float64',
      torch: '9.9',
      cases: 1,
      disagreement: { path, python: expect.any(String), typescript: expect.any(String) },
    });
  });
});
