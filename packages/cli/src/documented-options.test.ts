import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildProgram } from './program.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/results.md', import.meta.url)), 'utf8');
const lines = [...page.matchAll(/\btouchstone (verify|report|bench) ([^`'\n]*)/g)];

test.each(lines.map(([whole, name, rest]) => ({ whole, name: name!, rest: rest! })))(
  'docs/results.md: $whole has options that exist',
  ({ name, rest }) => {
    const command = buildProgram().commands.find((each) => each.name() === name)!;
    const options = [...rest.matchAll(/--[\w-]+/g)].map(([option]) => option);
    expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
  },
);

test('docs/results.md shows every command', () => expect(lines.length).toBeGreaterThanOrEqual(10));
