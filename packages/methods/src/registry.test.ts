/** Forgetting a part of a method fails here, with the part and what to do. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lists } from './core/lists.js';
import { declaresNothing } from './core/method.js';
import { findMethod, methods, mutants } from './registry.js';

const source = fileURLToPath(new URL('.', import.meta.url));
const root = join(source, '../../..');
const ids = methods.map(({ id }) => id);
const rows = readFileSync(join(root, 'golden/cases.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => JSON.parse(line) as { method: string; profile: string });

it('folders.ts lists every folder that has a reference.py', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools/methods/generate.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
});

it.each(lists)('the list of methods in $page is fresh', ({ page, update }) => {
  const text = readFileSync(join(root, page), 'utf8');
  expect(text, `${page} is stale. Run: npm run generate -w packages/methods`).toBe(update(text, methods));
});

it.each([
  { name: 'no markers', text: 'text' },
  { name: 'no end', text: '<!-- generated:methods -->' },
])('a page with $name is refused', ({ text }) => {
  expect(() => lists[0]!.update(text, methods)).toThrow('markers');
});

describe.each(ids)('%s', (id) => {
  const files = ['index.ts', `${id}.ts`, `${id}.test.ts`, 'mutants.ts', 'reference.py', 'README.md'];
  it.each(files)(`has ${id}/%s`, (file) => {
    expect(existsSync(join(source, id, file)), `packages/methods/src/${id}/${file} is missing`).toBe(true);
  });

  it("has its folder's name as id, and the names of its stages end in attribution", () => {
    expect(existsSync(join(source, id, `${id}.ts`)), `the folder of ${id} must be named ${id}`).toBe(true);
    expect(Object.keys(findMethod(id).stages).at(-1)).toBe('attribution');
  });

  it('has mutants of its own', () => {
    const own = mutants.filter(({ of }) => of.length === 1 && of[0] === id);
    expect(own.length, `packages/methods/src/${id}/mutants.ts exports no mutant of ${id}`).toBeGreaterThan(0);
  });

  it('declares the properties for laws, or is one of those with separate laws', () => {
    const without = ['hooks', 'parameters', 't-sne'];
    const { declares } = findMethod(id);
    expect(
      without.includes(id) || declares !== declaresNothing,
      `${id} declares nothing: set "declares" in ${id}/${id}.ts, so that the laws hold it`,
    ).toBe(true);
  });

  it('has a golden case, and a quick one', () => {
    const mine = rows.filter(({ method }) => method === id);
    expect(mine.length, `golden/cases.jsonl has no row for ${id}`).toBeGreaterThan(0);
    expect(
      mine.some(({ profile }) => profile === 'quick'),
      `golden/cases.jsonl has no quick row for ${id}`,
    ).toBe(true);
  });

  it('explains each of its parameters in its README, in a few words', () => {
    const path = join(source, id, 'README.md');
    const readme = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const names = Object.keys((findMethod(id).params as unknown as { shape: object }).shape);
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
    expect(readme.split('\n').length).toBeLessThanOrEqual(41);
  });
});

it('ids are unique', () => {
  expect(new Set(ids).size).toBe(ids.length);
});

it.each(methods)('$id has a title of the form "Name: what it shows", and a source', ({ title, source: cited }) => {
  expect(title).toMatch(/^[^:]+: ./);
  expect(cited).not.toBe('');
});

it('names the nearest method', () => {
  expect(findMethod('saliency').id).toBe('saliency');
  expect(() => findMethod('gradcam')).toThrow(
    expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('"grad-cam"') as string }),
  );
});
