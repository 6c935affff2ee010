/** On real backends; a script in the place of Python says what PyTorch would. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaseRow, parseJsonLines } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { fuzzing } from './testing/fuzzing.js';
import { published } from './testing/touchstone.js';

const { folder, touchstone } = fuzzing('methods', 'attribution');

test('cases on cpu agree with float64: how many, how each was decided, and the seed', async () => {
  const { status, stdout } = await touchstone('--backend', 'cpu', '--no-python', '--runs', '4', '--seed', '1');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^4 cases on cpu agree with float64 \(seed 1\)\n +\d+ within 128 unit roundoffs/);
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
