/** A script in the place of Python says what PyTorch would. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CaseRow, parseJsonLines } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { fuzzing } from './testing/fuzzing.js';
import { published } from './testing/touchstone.js';

const { folder, touchstone } = fuzzing('hooks', '0000 threw framework');

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

  test('is a disagreement: shrunk, in both languages, kept as a case, and repeated; status 1', async () => {
    const golden = join(folder, 'golden');
    const freeze = ['--freeze', 'refused', '--golden', golden];
    const { status, stdout, stderr } = await touchstone(...python, '--runs', '20', ...freeze);
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
    expect(await touchstone(...python, ...freeze)).toMatchObject({
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
