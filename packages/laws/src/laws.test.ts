import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import { laws } from './laws.js';

const here = new URL('.', import.meta.url);

describe('every backend is held to the laws', () => {
  it.each(backends.map(({ id }) => id))('%s has a test file of its own', (id) => {
    const file = new URL(`${id}.test.ts`, here);
    expect(existsSync(file), `packages/laws/src/${id}.test.ts is missing: describeLaws('${id}')`).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(`describeLaws('${id}'`);
  });
});

describe('every law', () => {
  const page = readFileSync(new URL('../../../docs/laws.md', here), 'utf8');
  it.each(laws.map((law) => [law.id, law.title] as const))('%s is in docs/laws.md: %s', (id, title) => {
    expect(page).toContain(`| ${id} | ${title.replaceAll('|', '\\|')} |`);
  });

  it('has a number of its own', () => {
    const ids = laws.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
