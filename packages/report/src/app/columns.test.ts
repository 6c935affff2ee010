import { expect, it } from 'vitest';
import { outcomeOf, runOf } from '../page/testing.js';
import { columnsOf, rowsOf, totalOf } from './columns.js';
import { entriesOf } from './entries.js';
import { pointsOf } from './trend.js';

const slower = (id: string) => ({ ...outcomeOf(id, 'passed', 0.25), milliseconds: 30 });
const runs = [
  runOf([outcomeOf('a/n/x', 'passed'), outcomeOf('b/n/x', 'passed'), outcomeOf('b/n/x', 'passed', 0.1, 'wasm')]),
  runOf([slower('a/n/x'), slower('a/n/new'), outcomeOf('b/n/x', 'failed', 4)]),
];

it('a backend has a column for each run that has it', () => {
  expect(columnsOf({ runs, cases: [] })).toEqual([
    { backend: 'cpu', runs: [0, 1] },
    { backend: 'wasm', runs: [0] },
  ]);
});

it('methods with failures come first; times are of the cases that all runs measured', () => {
  const data = { runs, cases: [] };
  const rows = rowsOf(data, entriesOf(data));
  expect(rows.map(({ method, bad }) => [method, bad])).toEqual([
    ['b', 1],
    ['a', 0],
  ]);
  expect(rows[1]!.cells.get('cpu')).toMatchObject([
    { worst: 0.5, milliseconds: 10, counts: { passed: 1 } },
    { worst: 0.25, milliseconds: 30, counts: { passed: 2 } },
  ]);
  expect(totalOf(data, entriesOf(data)).cells.get('cpu')![1]).toMatchObject({ worst: 4, bad: 1 });
});

it.each([
  ['a time that doubles', [10, 20], false, [11, 3]],
  ['an error that vanishes', [1, 0], true, [3, 19]],
  ['an error without a distance is above all', [1, Infinity], true, [11, 3]],
  ['a gap', [10, null, 10], false, [3, 3]],
] as const)('%s', (_, values, isLogarithmic, heights) => {
  expect(pointsOf(values, isLogarithmic).map(({ y }) => Math.round(y))).toEqual(heights);
});
