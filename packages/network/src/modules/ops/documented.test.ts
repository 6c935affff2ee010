import { readFileSync, writeFileSync } from 'node:fs';
import { opAttributes, type OpName } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { opRow } from './ops.js';

const page = new URL('../../../../../docs/formats.md', import.meta.url);
const [start, end] = ['<!-- generated:functions -->', '<!-- /generated:functions -->'];

/** Functions with the same inputs and attributes share a line. */
function table(): string {
  const lines = new Map<string, OpName[]>();
  for (const name of Object.keys(opAttributes) as OpName[]) {
    const [min, max] = opRow(name).inputs ?? [1, 1];
    const count = min === max ? `${min}` : max === Infinity ? `${min} or more` : `${min} to ${max}`;
    const attributes = Object.keys(opAttributes[name].shape).map((key) => `\`${key}\``);
    const line = `${count} | ${attributes.join(', ') || '–'}`;
    lines.set(line, [...(lines.get(line) ?? []), name]);
  }
  const rows = [...lines].map(([line, names]) => `| ${names.map((name) => `\`${name}\``).join(' ')} | ${line} |`);
  return ['| functions | inputs | attributes |', '|---|---|---|', ...rows].join('\n');
}

it('docs/formats.md lists all functions, with their attributes', () => {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(start) + start.length + 1, text.indexOf(end) - 1];
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, text.slice(0, from) + table() + text.slice(to));
  else expect(text.slice(from, to), 'Run this test with UPDATE_DOCS=1, and read what changed.').toBe(table());
});
