import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import { laws } from './laws.js';

const here = new URL('.', import.meta.url);

describe('every backend has the laws', () => {
  it.each(backends.map(({ id }) => id))('%s has its own test file', (id) => {
    const file = new URL(`${id}.test.ts`, here);
    expect(existsSync(file), `packages/laws/src/${id}.test.ts is missing: describeLaws('${id}')`).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(`describeLaws('${id}'`);
  });
});

describe('every law', () => {
  const page = readFileSync(new URL('../../../docs/laws.md', here), 'utf8');
  it.each(laws)('$id is in docs/laws.md: $title', ({ id, title, why }) => {
    const cells = [id, title, why].map((cell) => cell.replaceAll('|', '\\|'));
    expect(page).toContain(`| ${cells.join(' | ')} |`);
  });

  it('has its own number', () => {
    const ids = laws.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
