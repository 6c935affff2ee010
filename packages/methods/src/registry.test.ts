/** Forgetting a part of a method fails here, and says which. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findMethod, methods } from './registry.js';

const source = fileURLToPath(new URL('.', import.meta.url));
const cases = fileURLToPath(new URL('../../../golden/cases.jsonl', import.meta.url));

const formats = readFileSync(fileURLToPath(new URL('../../../docs/formats.md', import.meta.url)), 'utf8');

const folders = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const withReference = folders.filter((id) => existsSync(join(source, id, 'reference.py')));
const ids = methods.map(({ id }) => id);
const rows = readFileSync(cases, 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line) as { method: string; profile: string });

it.each(withReference)('%s has a reference.py, so it stands in registry.ts', (id) => {
  expect(ids).toContain(id);
});

describe.each(ids)('%s', (id) => {
  it.each(['reference.py', 'README.md', `${id}.ts`, `${id}.test.ts`])(`has ${id}/%s`, (file) => {
    expect(existsSync(join(source, id, file)), `packages/methods/src/${id}/${file} is missing`).toBe(true);
  });

  it('has a golden case, also a quick one', () => {
    const mine = rows.filter(({ method }) => method === id);
    expect(mine.length, `golden/cases.jsonl has no row for ${id}`).toBeGreaterThan(0);
    expect(
      mine.some(({ profile }) => profile === 'quick'),
      `golden/cases.jsonl has no quick row for ${id}`,
    ).toBe(true);
  });

  it('has one row in the table of docs/formats.md', () => {
    const methodsTable = formats.slice(formats.indexOf('## Methods'), formats.indexOf('### Iterated methods'));
    const own = methodsTable
      .split('\n')
      .filter((line) => line.startsWith('|') && line.split('|')[1]!.includes(`\`${id}\``));
    expect(own.length, `docs/formats.md has ${own.length} rows for ${id}`).toBe(1);
  });

  it('names every one of its parameters in its README, and is short about them', () => {
    const path = join(source, id, 'README.md');
    const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const names = Object.keys((findMethod(id).params as unknown as { shape: object }).shape);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(readme.split('\n').length).toBeLessThanOrEqual(41);
  });
});

it('every id stands once', () => {
  expect(new Set(ids).size).toBe(ids.length);
});

it('names the nearest method', () => {
  expect(findMethod('saliency').id).toBe('saliency');
  expect(() => findMethod('gradcam')).toThrow(
    expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('"grad-cam"') as string }),
  );
});
