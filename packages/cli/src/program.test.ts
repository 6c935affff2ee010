import { expect, test } from 'vitest';
import { buildProgram } from './program.js';
import { line, scratch } from './testing/touchstone.js';

const { touchstone } = scratch();

test('--help and --version are no errors', async () => {
  const [help, version, general] = await Promise.all([
    touchstone(line`verify --help`),
    touchstone(line`--version`),
    touchstone(line`--help`),
  ]);
  expect(help.status).toBe(0);
  for (const option of 'backend method network case profile port shard require report json export outputs'.split(' '))
    expect(help.stdout).toContain(`--${option} `);
  for (const { stdout } of [help, general])
    expect(stdout).toMatch(/Exit status: 0 [^]*, 1 not conformant, [^]*4 [^]*5 [^]*64 /);
  expect(version).toEqual({
    status: 0,
    stdout: expect.stringMatching(
      /^touchstone \d+\.\d+\.\d+\nNode\.js [\d.]+\ngoldens [\d.]+, made with PyTorch [\d.]+\n$/,
    ),
    stderr: '',
  });
});

test.each([60, 80])('options fit a terminal of %d columns', (columns) => {
  const verify = buildProgram().commands.find((command) => command.name() === 'verify')!;
  verify.configureOutput({ getOutHelpWidth: () => columns });
  const text = verify.helpInformation();
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(columns);
});

const commands = buildProgram().commands.flatMap((command) => [command].concat(command.commands));

test.each(commands.map((command) => ({ name: command.name(), command })))(
  '$name: each option is described in one plain line',
  async ({ command }) => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
    for (const { flags, description } of command.options) {
      expect(description, flags).toMatch(/^[a-z].*[^.]$/);
      expect(description.length, flags).toBeLessThanOrEqual(100);
    }
  },
);
