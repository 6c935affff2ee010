import { describe, expect, it } from 'vitest';
import { glob, selectCases, selectNames, type Selection } from './selection.js';
import { linearCase } from '../testing/linear-golden.js';

const rows = [0, 1, 2, 3]
  .map(linearCase)
  .concat({ ...linearCase(0), id: 'cam/other/x', method: 'cam', network: 'other' });
const count = (selection: Selection): number => selectCases(rows, selection).length;

describe('a selection', () => {
  it.each([
    [{}, 5],
    [{ profile: 'quick' }, 3],
    [{ profile: 'full' }, 5],
    [{ methods: ['saliency'] }, 4],
    [{ methods: ['s*', 'cam'] }, 5],
    [{ cases: ['*/class-1'] }, 1],
    [{ networks: ['linear'], profile: 'quick' }, 2],
  ] as [Selection, number][])('%j keeps %d', (selection, expected) => expect(count(selection)).toBe(expected));

  it.each([
    [{ methods: ['saliancy'] }, 'unknown-name', /saliency/],
    [{ cases: ['nothing*'] }, 'unknown-name', /nothing/],
    [{ methods: ['cam'], networks: ['linear'] }, 'usage', /no selected case matches --network linear/],
  ] as [Selection, string, RegExp][])('%j is an error', (selection, code, text) => {
    expect(() => selectCases(rows, selection)).toThrowError(expect.objectContaining({ code }));
    try {
      selectCases(rows, selection);
    } catch (error) {
      expect(`${(error as Error).message} ${(error as { hint?: string }).hint}`).toMatch(text);
    }
  });
});

describe('a pattern', () => {
  it.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*a', 'a', false],
    ['*b*', 'abc', true],
    ['a*b*c', 'acb', false],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['ab*ba', 'aba', false],
  ])('%s, %s: %s', (pattern, name, expected) => expect(glob(pattern)(name)).toBe(expected));

  it('selects in the order of the known names', () =>
    expect(selectNames('backend', ['cpu', 'wasm'], ['wasm', 'c*'])).toEqual(['cpu', 'wasm']));
});
