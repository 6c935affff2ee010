import { expect, it } from 'vitest';
import { coloursFor } from './colours.js';
import { formatTable, type Cell } from './format-table.js';

const plain = coloursFor({}, {});
const row = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));

it.each<[string, number, string[]]>([
  ['as it is where it fits', 32, ['name  cases  why', 'a     12     one two three four', 'b     3      five']],
  [
    'with a wrapped last column',
    29,
    ['name  cases  why', 'a     12     one two three', '             four', 'b     3      five'],
  ],
  [
    'as one line per cell where even that is too wide',
    16,
    [
      'name   a',
      'cases  12',
      'why    one two',
      '       three',
      '       four',
      '',
      'name   b',
      'cases  3',
      'why    five',
    ],
  ],
])('is %s', (_, width, lines) => {
  const rows = [row('a', '12', 'one two three four'), row('b', '3', 'five')];
  expect(formatTable(['name', 'cases', 'why'], rows, plain, width)).toEqual(lines);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
});

it('breaks a word that is too long, and aligns numbers on the right', () => {
  const rows = [[{ text: 'x'.repeat(25) }], [{ text: 'y' }]];
  expect(formatTable(['id'], rows, plain, 20)).toEqual(['id', 'x'.repeat(20), 'xxxxx', 'y']);
  expect(formatTable(['n'], [[{ text: '1', right: true }], [{ text: '23', right: true }]], plain, 20)).toEqual([
    ' n',
    ' 1',
    '23',
  ]);
});

it('has more rows than a function takes arguments', () => {
  const rows = Array.from({ length: 150_000 }, () => [{ text: 'a' }]);
  expect(formatTable(['id'], rows, plain, 20)).toHaveLength(150_001);
});
